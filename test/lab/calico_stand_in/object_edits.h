// How Calico's code writes its objects: with compare-and-swap, and marked before they are deleted.
#pragma once

#include "base/error.h"
#include "json/value.h"
#include "kube/transport.h"

#include <functional>

namespace stand_in {

// Changes an object in memory. False: there is nothing to write; an error ends the whole edit.
using Edit = std::function<base::Result<bool>(json::Document&)>;

// Reads, edits and replaces one object until nobody came in between.
base::Result<void> compare_and_swap(kube::Transport& transport, const kube::ObjectRef& object,
                                    const Edit& edit);

// `mark` writes that the object is deleted, which is the compare-and-swap; then it goes. Success,
// too, when it is gone already.
base::Result<void> remove_marked(kube::Transport& transport, const kube::ObjectRef& object,
                                 const Edit& mark);

}  // namespace stand_in
