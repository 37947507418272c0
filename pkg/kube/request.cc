#include "kube/request.h"

#include "json/writer.h"

#include <fmt/format.h>

namespace kube {
namespace {

constexpr std::string_view kJson = "application/json";
// The API server itself works on a list for as long.
constexpr base::Duration kListTimeout{60'000};

// An empty `name` is the collection.
std::string path_of(const Resource& resource, std::string_view ns, std::string_view name,
                    std::string_view subresource = "") {
  std::string path = resource.group.empty() ? fmt::format("/api/{}", resource.version)
                                            : fmt::format("/apis/{}", resource.api_version());
  if (resource.scope == Scope::Namespaced && !ns.empty()) {
    path += fmt::format("/namespaces/{}", percent_encode(ns));
  }
  path += fmt::format("/{}", resource.plural);
  if (!name.empty()) path += fmt::format("/{}", percent_encode(name));
  if (!subresource.empty()) path += fmt::format("/{}", subresource);
  return path;
}

std::string path_of(const ObjectRef& object, std::string_view subresource = "") {
  return path_of(object.resource, object.ns, object.name, subresource);
}

void add_parameter(std::string& path, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  path += path.find('?') == std::string::npos ? '?' : '&';
  path += fmt::format("{}={}", name, percent_encode(value));
}

std::string path_of(const Resource& resource, const Selection& select) {
  std::string path = path_of(resource, select.ns, "");
  add_parameter(path, "labelSelector", select.label_selector);
  add_parameter(path, "fieldSelector", select.field_selector);
  return path;
}

std::string_view content_type_of(PatchType type) {
  switch (type) {
    case PatchType::Merge:
      return "application/merge-patch+json";
    case PatchType::Strategic:
      return "application/strategic-merge-patch+json";
    case PatchType::Json:
      return "application/json-patch+json";
  }
  return kJson;
}

std::string_view to_string(Propagation propagation) {
  switch (propagation) {
    case Propagation::Background:
      return "Background";
    case Propagation::Foreground:
      return "Foreground";
    case Propagation::Orphan:
      return "Orphan";
  }
  return "Background";
}

void write_preconditions(json::Writer& writer, std::string_view uid, std::string_view version) {
  if (uid.empty() && version.empty()) return;
  writer.key("preconditions").object();
  writer.field_if("uid", uid).field_if("resourceVersion", version);
  writer.end();
}

void write_delete_options(json::Writer& writer, const DeleteOptions& options) {
  writer.object();
  writer.field("apiVersion", "v1").field("kind", "DeleteOptions");
  if (options.grace_period_seconds) {
    writer.key("gracePeriodSeconds").integer(*options.grace_period_seconds);
  }
  write_preconditions(writer, options.uid, options.resource_version);
  if (options.propagation) writer.field("propagationPolicy", to_string(*options.propagation));
  writer.end();
}

Request delete_at(std::string path, const DeleteOptions& options) {
  json::Writer writer;
  write_delete_options(writer, options);
  return {Method::Delete, std::move(path), writer.text(), std::string(kJson)};
}

}  // namespace

std::string_view to_string(Method method) {
  switch (method) {
    case Method::Get:
      return "GET";
    case Method::Post:
      return "POST";
    case Method::Put:
      return "PUT";
    case Method::Patch:
      return "PATCH";
    case Method::Delete:
      return "DELETE";
  }
  return "GET";
}

std::string Request::to_string() const {
  return fmt::format("{} {}", kube::to_string(method), path.substr(0, path.find('?')));
}

base::Error not_permitted() {
  return {base::ErrorKind::Cancelled, "not sent, as this process must not write any more"};
}

Request get_request(const ObjectRef& object, std::string_view subresource) {
  return {Method::Get, path_of(object, subresource)};
}

Request raw_request(std::string path) { return {Method::Get, std::move(path)}; }

Request list_request(const Resource& resource, const ListQuery& query) {
  std::string path = path_of(resource, query.select);
  if (query.limit > 0) add_parameter(path, "limit", fmt::to_string(query.limit));
  add_parameter(path, "continue", query.continue_token);
  add_parameter(path, "resourceVersion", query.resource_version);
  return {.path = std::move(path), .timeout = kListTimeout};
}

Request watch_request(const Resource& resource, const WatchQuery& query) {
  std::string path = path_of(resource, query.select);
  add_parameter(path, "watch", "true");
  add_parameter(path, "allowWatchBookmarks", "true");
  add_parameter(path, "resourceVersion", query.resource_version);
  add_parameter(path, "timeoutSeconds", fmt::to_string(query.server_timeout.count()));
  return {.path = std::move(path), .timeout = query.server_timeout + query.margin};
}

Request create_request(const Resource& resource, std::string_view ns, std::string body) {
  return {Method::Post, path_of(resource, ns, ""), std::move(body), std::string(kJson)};
}

Request replace_request(const ObjectRef& object, std::string body, std::string_view subresource) {
  return {Method::Put, path_of(object, subresource), std::move(body), std::string(kJson)};
}

Request patch_request(const ObjectRef& object, PatchType type, std::string body,
                      std::string_view subresource) {
  return {Method::Patch, path_of(object, subresource), std::move(body),
          std::string(content_type_of(type))};
}

Request delete_request(const ObjectRef& object, const DeleteOptions& options) {
  return delete_at(path_of(object), options);
}

Request delete_collection_request(const Resource& resource, const Selection& select,
                                  const DeleteOptions& options) {
  return delete_at(path_of(resource, select), options);
}

Request evict_request(const ObjectRef& pod, const EvictOptions& options) {
  json::Writer writer;
  writer.object();
  writer.field("apiVersion", "policy/v1").field("kind", "Eviction");
  writer.key("metadata").object();
  writer.field("name", pod.name).field("namespace", pod.ns);
  writer.end().key("deleteOptions");
  write_delete_options(writer,
                       {.uid = options.uid, .grace_period_seconds = options.grace_period_seconds});
  writer.end();
  return {Method::Post, path_of(pod, "eviction"), writer.text(), std::string(kJson)};
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view kUnreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string encoded;
  for (const char c : text) {
    if (kUnreserved.find(c) != std::string_view::npos) {
      encoded += c;
    } else {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

}  // namespace kube
