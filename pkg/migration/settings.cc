#include "migration/settings.h"

#include "flannel/node_annotations.h"

#include <fmt/format.h>

namespace migration {
namespace {

constexpr std::string_view kFromSpec = "spec.flannel";
constexpr std::string_view kDefault = "default";
constexpr int kVxlanOverhead = 50;

std::string text(const net::Cidr& cidr) { return cidr.to_string(); }
std::string text(int number) { return fmt::format("{}", number); }
std::string text(bool flag) { return flag ? "true" : "false"; }
std::string text(const std::string& value) { return value; }

// One setting: the first source that has a value wins; what another source says differently is
// shown beside it, so that an override that contradicts the cluster can be seen.
template <typename T>
class Choice {
 public:
  explicit Choice(std::string name) : name_(std::move(name)) {}

  Choice& from(const std::optional<T>& value, std::string_view source) {
    if (!value) return *this;
    if (!value_) {
      value_ = value;
      source_ = source;
    } else if (*value != *value_ && remark_.empty() && source != kDefault) {
      remark_ = fmt::format("; {} says {}", source, text(*value));
    }
    return *this;
  }

  std::optional<T> take(std::vector<api::DetectedValue>& detected,
                        const std::string& without = "not found") const {
    detected.push_back({name_, value_ ? text(*value_) : "", value_ ? source_ + remark_ : without});
    return value_;
  }

 private:
  std::string name_;
  std::optional<T> value_;
  std::string source_;
  std::string remark_;
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

  void install() {
    if (in_.install == nullptr) return;
    const auto& found = *in_.install;
    out_.detected.push_back({"daemonSet", found.key.to_string(), "DaemonSet that runs flanneld"});
    out_.detected.push_back(
        {"kind", std::string(to_string(found.flavour)), "containers of the DaemonSet"});
    out_.detected.push_back({"version", found.version, "image " + found.image});
  }

  void networks() {
    const auto env = in_.subnet_env;
    out_.network = Choice<net::Cidr>("network")
                       .from(in_.spec->network, kFromSpec)
                       .from(conf<net::Cidr>(&flannel::NetConf::network), in_.net_conf_source)
                       .from(env ? env->network : std::nullopt, in_.subnet_env_source)
                       .take(out_.detected);
    std::optional<net::Cidr> v6;
    if (in_.net_conf != nullptr && in_.net_conf->enable_ipv6) v6 = in_.net_conf->ipv6_network;
    Choice<net::Cidr> choice("ipv6Network");
    choice.from(in_.spec->ipv6_network, kFromSpec).from(v6, in_.net_conf_source);
    if (in_.spec->ipv6_network || v6) out_.ipv6_network = choice.take(out_.detected);
  }

  void lengths() {
    const auto length = [this](std::string name, std::optional<int> said, net::Family family,
                               std::optional<int> conf_value, int otherwise) {
      return Choice<int>(std::move(name))
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
    out_.mtu = Choice<int>("mtu")
                   .from(in_.spec->mtu, kFromSpec)
                   .from(device_mtu, in_.net_conf_source)
                   .from(in_.felix_mtu, "FelixConfiguration default")
                   .from(env ? env->mtu : std::nullopt, in_.subnet_env_source)
                   .from(in_.tunnel_mtu, in_.tunnel_mtu_source)
                   .take(out_.detected, "read on a node when the migration begins");
  }

  void tunnel() {
    std::optional<bool> masq;
    if (in_.install != nullptr) masq = in_.install->ip_masq;
    const auto env = in_.subnet_env;
    out_.ip_masq = Choice<bool>("ipMasq")
                       .from(in_.spec->ip_masq, kFromSpec)
                       .from(masq, "arguments of the flannel DaemonSet")
                       .from(env ? env->ip_masq : std::nullopt, in_.subnet_env_source)
                       .from(false, "default of flanneld")
                       .take(out_.detected)
                       .value_or(false);
    std::optional<std::string> prefix;
    if (in_.install != nullptr) prefix = in_.install->annotation_prefix;
    const auto option = Choice<std::string>("annotationPrefix")
                            .from(in_.spec->annotation_prefix, kFromSpec)
                            .from(prefix, "arguments of the flannel DaemonSet")
                            .from(std::string("flannel.alpha.coreos.com"), kDefault)
                            .take(out_.detected);
    out_.annotation_prefix = flannel::annotation_prefix(*option);
    vni_and_port();
  }

  void vni_and_port() {
    out_.vni = Choice<int>("vni")
                   .from(in_.spec->vni, kFromSpec)
                   .from(conf<int>(&flannel::NetConf::vni), in_.net_conf_source)
                   .from(in_.annotated_vni, "node annotations")
                   .from(1, kDefault)
                   .take(out_.detected)
                   .value_or(1);
    std::optional<int> port = conf<int>(&flannel::NetConf::port);
    if (port == 0) port = 8472;  // the kernel's own default
    out_.port = Choice<int>("port")
                    .from(in_.spec->port, kFromSpec)
                    .from(port, in_.net_conf_source)
                    .from(8472, kDefault)
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

Settings resolve_settings(const SettingSources& sources) { return Resolver(sources).resolve(); }

}  // namespace migration
