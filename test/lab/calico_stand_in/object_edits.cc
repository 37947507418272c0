#include "calico_stand_in/object_edits.h"

#include "kube/reader.h"
#include "kube/writer.h"

namespace stand_in {
namespace {

constexpr int kTries = 100;  // as Calico's own bound

}  // namespace

base::Result<void> compare_and_swap(kube::Transport& transport, const kube::ObjectRef& object,
                                    const Edit& edit) {
  for (int i = 0; i < kTries; ++i) {
    auto read = kube::Reader(transport).get(object);
    if (!read) return tl::unexpected(read.error());
    auto wanted = edit(*read);
    if (!wanted) return tl::unexpected(wanted.error());
    if (!*wanted) return {};
    auto written = kube::Writer(transport).replace(object, read->dump());
    if (written) return {};
    if (written.error().kind != base::ErrorKind::Conflict) return tl::unexpected(written.error());
  }
  return base::fail(base::ErrorKind::Conflict, object.to_string() + " is written all the time");
}

base::Result<void> remove_marked(kube::Transport& transport, const kube::ObjectRef& object,
                                 const Edit& mark) {
  std::string uid;
  auto marked = compare_and_swap(transport, object, [&](json::Document& read) {
    uid = read["metadata"]["uid"].string();
    return mark(read);
  });
  if (marked) {
    auto removed = kube::Writer(transport).remove(object, {.uid = uid});
    marked = removed ? base::Result<void>() : tl::unexpected(removed.error());
  }
  if (!marked && marked.error().kind == base::ErrorKind::NotFound) return {};
  return marked;
}

}  // namespace stand_in
