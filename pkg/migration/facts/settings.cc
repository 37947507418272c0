#include "migration/facts/settings.h"

#include "flannel/node_annotations.h"
#include "migration/facts/setting_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace migration {
namespace {

constexpr std::string_view kFromSpec = "spec.flannel";
constexpr std::string_view kDefault = "default";
constexpr int kVxlanOverhead = 50;

template <typename T>
std::optional<T> parse(const std::string& text);
template <>
std::optional<net::Cidr> parse(const std::string& text) {
  const auto cidr = net::Cidr::parse(text);
  return cidr ? std::optional(*cidr) : std::nullopt;
}
template <>
std::optional<int> parse(const std::string& text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(number)
                                                                  : std::nullopt;
}
template <>
std::optional<bool> parse(const std::string& text) {
  return text == "true" || text == "false" ? std::optional(text == "true") : std::nullopt;
}
template <>
std::optional<std::string> parse(const std::string& text) {
  return text;
}

// Finds the value of a setting: the one that the migration began with, else the first source's that
// has one. A different value of another source is shown beside it, so that an override that
// contradicts the cluster can be seen.
template <typename T>
class Choice {
 public:
  Choice(std::string name, const KeptSettings& kept, std::vector<Difference>& differences)
      : name_(std::move(name)), differences_(differences) {
    const auto* found = find_setting(kept, name_);
    if (found == nullptr) return;
    value_ = parse<T>(found->value);
    source_ = found->source;
    remembered_ = value_.has_value();
  }

  Choice& from(const std::optional<T>& value, std::string_view source) {
    if (!value) return *this;
    // The source still gives the saved value, so the value is not only remembered.
    if (value_ == value && source_ == source) remembered_ = false;
    if (!value_) {
      value_ = value;
      source_ = source;
    } else if (*value != *value_ && remark_.empty() && !source.starts_with(kDefault)) {
      remark_ = fmt::format("; {} says {}", source, setting_text(*value));
      if (source_ == kFromSpec && !remembered_)
        differences_.push_back(
            {name_, setting_text(*value_), std::string(source), setting_text(*value)});
    }
    return *this;
  }

  bool known() const { return value_.has_value(); }

  std::optional<T> take(std::vector<api::DetectedValue>& detected,
                        const std::string& without = "not found") const {
    const auto source = source_ + (remembered_ ? " when the migration began" : "") + remark_;
    detected.push_back({name_, value_ ? setting_text(*value_) : "", value_ ? source : without});
    return value_;
  }

 private:
  std::string name_;
  std::vector<Difference>& differences_;
  std::optional<T> value_;
  std::string source_;
  std::string remark_;
  bool remembered_ = false;  // only from when the migration began
};

std::optional<int> prefix_of(const std::vector<net::Cidr>& cidrs, net::Family family) {
  for (const auto& cidr : cidrs) {
    if (cidr.family() == family) return cidr.prefix();
  }
  return std::nullopt;
}

class Resolver {
 public:
  explicit Resolver(const SettingSources& sources) : in_(sources) {}

  Settings resolve() {
    install();
    networks();
    lengths();
    mtu();
    tunnel();
    return std::move(out_);
  }

 private:
  template <typename T, typename Member>
  std::optional<T> conf(Member member) const {
    if (in_.net_conf == nullptr) return std::nullopt;
    return in_.net_conf->*member;
  }

  template <typename T>
  Choice<T> choice(std::string name) {
    return Choice<T>(std::move(name), in_.kept, out_.differences);
  }

  void install() {
    if (in_.install == nullptr) return;
    const auto& found = *in_.install;
    out_.detected.push_back({"daemonSet", found.key.to_string(),
                             found.sign == flannel::Sign::None
                                 ? "spec.flannel.daemonSet; its containers do not show flanneld"
                                 : "DaemonSet that runs flanneld"});
    out_.detected.push_back(
        {"kind", std::string(to_string(found.flavour)), "containers of the DaemonSet"});
    out_.detected.push_back({"version", found.version, "image " + found.image});
  }

  void networks() {
    const auto env = in_.subnet_env;
    out_.network = choice<net::Cidr>("network")
                       .from(in_.spec->network, kFromSpec)
                       .from(conf<net::Cidr>(&flannel::NetConf::network), in_.net_conf_source)
                       .from(env ? env->network : std::nullopt, in_.subnet_env_source)
                       .take(out_.detected);
    const bool began_without =
        !in_.kept.empty() && find_setting(in_.kept, "ipv6Network") == nullptr;
    if (began_without) return;
    std::optional<net::Cidr> v6;
    if (in_.net_conf != nullptr && in_.net_conf->enable_ipv6) v6 = in_.net_conf->ipv6_network;
    auto chosen = choice<net::Cidr>("ipv6Network");
    chosen.from(in_.spec->ipv6_network, kFromSpec).from(v6, in_.net_conf_source);
    if (chosen.known()) out_.ipv6_network = chosen.take(out_.detected);
  }

  void lengths() {
    const auto length = [this](std::string name, std::optional<int> said, net::Family family,
                               std::optional<int> conf_value, int otherwise) {
      return choice<int>(std::move(name))
          .from(said, kFromSpec)
          .from(prefix_of(in_.pod_cidrs, family), "spec.podCIDRs of the nodes")
          .from(conf_value, in_.net_conf_source)
          .from(otherwise, kDefault)
          .take(out_.detected)
          .value_or(otherwise);
    };
    // With the Kubernetes subnet manager SubnetLen is ignored by flannel itself, so that it only
    // fills a gap here.
    const bool know_v4 = prefix_of(in_.pod_cidrs, net::Family::V4).has_value();
    const auto conf_v4 = know_v4 ? std::nullopt : conf<int>(&flannel::NetConf::subnet_len);
    out_.subnet_length =
        length("subnetLength", in_.spec->subnet_length, net::Family::V4, conf_v4, 24);
    if (!out_.ipv6_network) return;
    out_.ipv6_subnet_length =
        length("ipv6SubnetLength", in_.spec->ipv6_subnet_length, net::Family::V6, std::nullopt, 64);
  }

  void mtu() {
    std::optional<int> device_mtu;
    if (const auto outer = conf<int>(&flannel::NetConf::mtu)) device_mtu = *outer - kVxlanOverhead;
    const auto env = in_.subnet_env;
    std::vector<std::pair<std::optional<int>, std::string>> found = {
        {device_mtu, in_.net_conf_source},
        {in_.felix_mtu, "FelixConfiguration default"},
        {env ? env->mtu : std::nullopt, in_.subnet_env_source},
        {in_.tunnel_mtu, in_.tunnel_mtu_source}};
    // The smallest comes first: a packet of the cluster's MTU has to fit into every node's device.
    std::erase_if(found, [](const auto& one) { return !one.first; });
    std::stable_sort(found.begin(), found.end(),
                     [](const auto& a, const auto& b) { return *a.first < *b.first; });
    auto mtu = choice<int>("mtu");
    mtu.from(in_.spec->mtu, kFromSpec);
    for (const auto& [value, source] : found) mtu.from(value, source);
    out_.mtu = mtu.take(out_.detected, "read on a node when the migration begins");
  }

  void tunnel() {
    std::optional<bool> masq;
    if (in_.install != nullptr) masq = in_.install->ip_masq;
    const auto env = in_.subnet_env;
    out_.ip_masq = choice<bool>("ipMasq")
                       .from(in_.spec->ip_masq, kFromSpec)
                       .from(masq, "arguments of the flannel DaemonSet")
                       .from(env ? env->ip_masq : std::nullopt, in_.subnet_env_source)
                       .from(false, default_of("ip-masq"))
                       .take(out_.detected)
                       .value_or(false);
    std::optional<std::string> prefix;
    if (in_.install != nullptr && !is_unread("kube-annotation-prefix"))
      prefix = in_.install->annotation_prefix;
    const auto option =
        choice<std::string>("annotationPrefix")
            .from(in_.spec->annotation_prefix, kFromSpec)
            .from(prefix, "arguments of the flannel DaemonSet")
            .from(std::string("flannel.alpha.coreos.com"), default_of("kube-annotation-prefix"))
            .take(out_.detected);
    out_.annotation_prefix = flannel::annotation_prefix(*option);
    vni_and_port();
  }

  bool is_unread(std::string_view option) const {
    return in_.install != nullptr && in_.install->unread.contains(option);
  }

  // Describes flanneld's default for an option that is not given; the option may be given in a
  // place that cannot be read.
  std::string default_of(std::string_view option) const {
    const std::string text = "default of flanneld";
    if (!is_unread(option)) return text;
    return fmt::format("{}; not known: {}", text, in_.install->unread.find(option)->second);
  }

  std::string default_of_configuration() const {
    return std::string(kDefault) +
           (in_.net_conf == nullptr ? "; not known: net-conf.json is not read" : "");
  }

  void vni_and_port() {
    out_.vni = choice<int>("vni")
                   .from(in_.spec->vni, kFromSpec)
                   .from(conf<int>(&flannel::NetConf::vni), in_.net_conf_source)
                   .from(in_.annotated_vni, "node annotations")
                   .from(1, default_of_configuration())
                   .take(out_.detected)
                   .value_or(1);
    std::optional<int> port = conf<int>(&flannel::NetConf::port);
    if (port == 0) port = 8472;  // the kernel's own default
    out_.port = choice<int>("port")
                    .from(in_.spec->port, kFromSpec)
                    .from(port, in_.net_conf_source)
                    .from(8472, default_of_configuration())
                    .take(out_.detected)
                    .value_or(8472);
    if (in_.net_conf == nullptr) return;
    out_.backend = in_.net_conf->backend;
    out_.direct_routing = in_.net_conf->direct_routing;
    out_.gbp = in_.net_conf->gbp;
    out_.detected.push_back({"backend", out_.backend, in_.net_conf_source});
  }

  const SettingSources& in_;
  Settings out_;
};

}  // namespace

const api::DetectedValue* find_setting(const std::vector<api::DetectedValue>& settings,
                                       std::string_view name) {
  const auto found = std::find_if(settings.begin(), settings.end(),
                                  [name](const auto& value) { return value.name == name; });
  return found == settings.end() ? nullptr : &*found;
}

Settings resolve_settings(const SettingSources& sources) { return Resolver(sources).resolve(); }

}  // namespace migration
