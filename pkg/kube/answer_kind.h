// Whether an answer is what was asked for, by its apiVersion and kind: a proxy, or a program that
// got the API server's address, may answer 200, too.
#pragma once

#include "base/error.h"
#include "json/value.h"
#include "kube/request.h"
#include "kube/resource.h"
#include "kube/response.h"

namespace kube {

bool is_object_of(json::View body, const Resource& resource);
bool is_list_of(json::View body, const Resource& resource);
// A metav1.Status that reports a success, as for a deletion.
bool is_success(json::View body);

// Protocol: `wanted` (e.g. "v1 NodeList") was asked for, and `body` is something else.
base::Error wrong_kind(std::string_view wanted, json::View body);

// The object of a successful answer; error_of() for another answer, Protocol for another object.
base::Result<json::Document> read_object(const Resource& resource, const Request& request,
                                         const Response& response);
// The same for requests that are also answered with is_success().
base::Result<json::Document> read_object_or_success(const Resource& resource,
                                                    const Request& request,
                                                    const Response& response);

}  // namespace kube
