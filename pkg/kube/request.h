// HTTP requests to the API server as values. Nothing here sends: see transport.h.
#pragma once

#include "base/time.h"
#include "json/sieve.h"
#include "kube/resource.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace kube {

enum class Method { Get, Post, Put, Patch, Delete };

// "GET"
std::string_view to_string(Method method);

// Asked before a write, and again when it is about to be sent. Returns until when it may be under
// way; nullopt when it must not be sent. On any thread.
using Gate = std::function<std::optional<std::chrono::steady_clock::time_point>()>;

struct Request {
  Method method = Method::Get;
  std::string path;  // with the query, percent-encoded
  std::string body = {};
  std::string content_type = {};
  // For all of it: finding the host, connecting, sending, and the answer to its last byte.
  base::Duration timeout = std::chrono::seconds(30);
  // Without a gate the request may be sent at any time.
  std::shared_ptr<const Gate> gate = nullptr;

  // For messages: "PATCH /api/v1/nodes/w1", without the query.
  std::string to_string() const;
  bool operator==(const Request&) const = default;
};

// The error of a write that its gate did not let through.
base::Error not_permitted();

// Selects objects of a kind; an empty member does not restrict.
struct Selection {
  std::string ns = {};
  std::string label_selector = {};
  std::string field_selector = {};
  bool operator==(const Selection&) const = default;
};

struct ListQuery {
  Selection select = {};
  unsigned limit = 500;
  std::string continue_token = {};
  std::string resource_version = {};
  // The members of an item that are wanted, which must outlive the request; null: all.
  const json::Keep* keep = nullptr;
};

struct WatchQuery {
  Selection select = {};
  std::string resource_version = {};
  std::chrono::seconds server_timeout{290};
  // A watch that lasts this much longer than it should is ended from here.
  std::chrono::seconds margin{15};
};

enum class PatchType { Merge, Strategic, Json };
enum class Propagation { Background, Foreground, Orphan };

// Preconditions (uid, resource_version) make the server answer Conflict when the object is another
// one by now.
struct DeleteOptions {
  std::string uid = {};
  std::string resource_version = {};
  std::optional<Propagation> propagation = std::nullopt;
  std::optional<std::int64_t> grace_period_seconds = std::nullopt;
};

struct EvictOptions {
  std::string uid = {};
  std::optional<std::int64_t> grace_period_seconds = std::nullopt;
};

Request get_request(const ObjectRef& object, std::string_view subresource = "");
// `path` is sent as it is, e.g. "/version".
Request raw_request(std::string path);
Request list_request(const Resource& resource, const ListQuery& query);
// Asks for bookmarks.
Request watch_request(const Resource& resource, const WatchQuery& query);
Request create_request(const Resource& resource, std::string_view ns, std::string body);
Request replace_request(const ObjectRef& object, std::string body,
                        std::string_view subresource = "");
Request patch_request(const ObjectRef& object, PatchType type, std::string body,
                      std::string_view subresource = "");
Request delete_request(const ObjectRef& object, const DeleteOptions& options = {});
Request delete_collection_request(const Resource& resource, const Selection& select,
                                  const DeleteOptions& options = {});
// policy/v1; `pod` names a Pod.
Request evict_request(const ObjectRef& pod, const EvictOptions& options = {});

// Everything but unreserved characters (RFC 3986) as %XX: for one segment of a path or one value of
// a query.
std::string percent_encode(std::string_view text);

}  // namespace kube
