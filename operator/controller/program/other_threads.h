// Work on threads other than the strand, and what it throws: memory that ran out, or a mistake of
// ours.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include <exception>
#include <utility>

namespace controller {

// Throws `thrown` on the strand, where it ends the operator in order: logged, and with its lease
// given up. Any thread.
inline void rethrow_on(boost::asio::io_context& strand, std::exception_ptr thrown) {
  boost::asio::post(strand, [thrown = std::move(thrown)] { std::rethrow_exception(thrown); });
}

// Runs `work` on a worker; what escapes from it is thrown on the strand, which outlives the worker.
template <typename Work>
void post_to_worker(boost::asio::thread_pool& workers, boost::asio::io_context& strand, Work work) {
  boost::asio::post(workers, [&strand, work = std::move(work)] {
    try {
      work();
    } catch (...) {
      rethrow_on(strand, std::current_exception());
    }
  });
}

}  // namespace controller
