#include "controller/yaml_json.h"

#include "json/writer.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

namespace controller {
namespace {

void write(json::Writer& w, const YAML::Node& node);

void write_scalar(json::Writer& w, const YAML::Node& node) {
  const std::string& text = node.Scalar();
  std::int64_t number = 0;
  bool flag = false;
  if (node.Tag() == "!") {  // quoted
    w.string(text);
  } else if (YAML::convert<std::int64_t>::decode(node, number)) {
    w.integer(number);
  } else if ((text == "true" || text == "false") && YAML::convert<bool>::decode(node, flag)) {
    w.boolean(flag);
  } else {
    w.string(text);
  }
}

void write(json::Writer& w, const YAML::Node& node) {
  switch (node.Type()) {
    case YAML::NodeType::Map:
      w.object();
      for (const auto& member : node) {
        w.key(member.first.Scalar());
        write(w, member.second);
      }
      w.end();
      return;
    case YAML::NodeType::Sequence:
      w.array();
      for (const auto& element : node) write(w, element);
      w.end();
      return;
    case YAML::NodeType::Scalar:
      return write_scalar(w, node);
    case YAML::NodeType::Null:
    case YAML::NodeType::Undefined:
      w.null();
  }
}

}  // namespace

base::Result<json::Document> yaml_to_json(std::string_view text) {
  try {
    json::Writer w;
    write(w, YAML::Load(std::string(text)));
    return json::Document::parse(w.text());
  } catch (const YAML::Exception& error) {
    return base::fail(base::ErrorKind::Invalid,
                      fmt::format("line {}, column {}: {}", error.mark.line + 1,
                                  error.mark.column + 1, error.msg));
  }
}

}  // namespace controller
