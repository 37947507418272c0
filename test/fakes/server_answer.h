// What an API server says of itself in every answer: its apiVersion and kind, as the request's path
// tells them.
#pragma once

#include "kube/transport.h"

#include <fmt/format.h>

#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace fakes {

// The parts of "/apis/GROUP/VERSION/namespaces/NS/PLURAL/NAME/SUBRESOURCE".
struct RequestPath {
  std::string api_version;
  std::string plural;
  std::string name;
  std::string subresource;
};

inline RequestPath parse_path(const kube::Request& request) {
  std::istringstream path(request.path.substr(0, request.path.find('?')));
  std::vector<std::string> parts;
  for (std::string part; std::getline(path, part, '/');) {
    if (!part.empty()) parts.push_back(part);
  }
  parts.resize(9);
  const bool core = parts[0] == "api";
  std::size_t at = core ? 2 : 3;
  RequestPath found{core ? parts[1] : fmt::format("{}/{}", parts[1], parts[2]), {}, {}, {}};
  if (parts[at] == "namespaces" && !parts[at + 2].empty()) at += 2;
  found.plural = parts[at];
  found.name = parts[at + 1];
  found.subresource = parts[at + 2];
  return found;
}

inline std::string kind_of(const std::string& plural) {
  static const std::map<std::string, std::string> kinds = {
      {"nodes", "Node"},
      {"pods", "Pod"},
      {"configmaps", "ConfigMap"},
      {"events", "Event"},
      {"namespaces", "Namespace"},
      {"daemonsets", "DaemonSet"},
      {"leases", "Lease"},
      {"flannelmigrations", "FlannelMigration"},
      {"ippools", "IPPool"},
      {"felixconfigurations", "FelixConfiguration"},
      {"ipamconfigs", "IPAMConfig"},
      {"ipamblocks", "IPAMBlock"},
      {"blockaffinities", "BlockAffinity"},
      {"ipamhandles", "IPAMHandle"},
      {"clusterinformations", "ClusterInformation"},
      {"selfsubjectaccessreviews", "SelfSubjectAccessReview"},
      {"subjectaccessreviews", "SubjectAccessReview"}};
  const auto found = kinds.find(plural);
  return found == kinds.end() ? std::string() : found->second;
}

inline void add_member(std::string& object, const json::Document& parsed, const std::string& name,
                       const std::string& value) {
  if (parsed[name].exists()) return;
  const bool empty = json::Document::parse(object).value().root().members().empty();
  object.insert(object.find('{') + 1, fmt::format(R"("{}":"{}"{})", name, value, empty ? "" : ","));
}

// The answer, with what a test has left out of a successful one that is a JSON object.
inline kube::Response as_server(const kube::Request& request, kube::Response response) {
  const auto path = parse_path(request);
  const auto body = json::Document::parse(response.body);
  auto kind = kind_of(path.plural);
  if (!response.succeeded() || kind.empty() || !body || !body->root().is_object()) return response;
  const bool evicts = path.subresource == "eviction" && (*body)["kind"].string_view() != "Status";
  const bool tells = !(*body)["kind"].exists() && request.method == kube::Method::Delete;
  if (evicts || tells) {
    response.body = R"({"kind":"Status","apiVersion":"v1","status":"Success"})";
    return response;
  }
  if (request.method == kube::Method::Get && path.name.empty()) kind += "List";
  add_member(response.body, *body, "kind", kind);
  add_member(response.body, *body, "apiVersion", path.api_version);
  return response;
}

}  // namespace fakes
