// Limits for an answer's head, and for the lines between its chunks: httplib itself would read on
// for as long as something comes. No I/O.
#pragma once

#include <cstddef>

namespace kube {

class HttpHeadLimits {
 public:
  // Begins another answer.
  void begin() { *this = {}; }
  // The status line and the headers are read: what follows are lines between chunks, and trailers.
  void head_ended() { in_head_ = false; }
  // A byte of a line; false once it is one too many.
  bool take(char byte);
  // Bytes of the body came: the line that was read is over.
  void line_ended() { line_ = 0; }
  bool exceeded() const { return exceeded_; }

 private:
  bool fits() const;

  bool in_head_ = true;
  bool exceeded_ = false;
  bool is_status_line_ = true;  // as far as the line has come
  std::size_t line_ = 0;        // bytes of this line
  std::size_t lines_ = 0;       // lines that ended
  std::size_t bytes_ = 0;
};

}  // namespace kube
