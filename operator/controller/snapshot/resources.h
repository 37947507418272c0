// The kinds that only this program knows, for kube's requests.
#pragma once

#include "kube/resource.h"

namespace controller {

inline constexpr kube::Resource kFlannelMigrations{
    "cni-migration.io", "v1alpha1", "flannelmigrations", "FlannelMigration", kube::Scope::Cluster};

inline constexpr std::string_view kCalicoGroup = "crd.projectcalico.org";
inline constexpr kube::Resource kIpPools{kCalicoGroup, "v1", "ippools", "IPPool",
                                         kube::Scope::Cluster};
inline constexpr kube::Resource kFelixConfigurations{kCalicoGroup, "v1", "felixconfigurations",
                                                     "FelixConfiguration", kube::Scope::Cluster};
inline constexpr kube::Resource kIpamConfigs{kCalicoGroup, "v1", "ipamconfigs", "IPAMConfig",
                                             kube::Scope::Cluster};
inline constexpr kube::Resource kIpamBlocks{kCalicoGroup, "v1", "ipamblocks", "IPAMBlock",
                                            kube::Scope::Cluster};
inline constexpr kube::Resource kBlockAffinities{kCalicoGroup, "v1", "blockaffinities",
                                                 "BlockAffinity", kube::Scope::Cluster};
inline constexpr kube::Resource kIpamHandles{kCalicoGroup, "v1", "ipamhandles", "IPAMHandle",
                                             kube::Scope::Cluster};
inline constexpr kube::Resource kClusterInformations{kCalicoGroup, "v1", "clusterinformations",
                                                     "ClusterInformation", kube::Scope::Cluster};
inline constexpr kube::Resource kAccessReviews{"authorization.k8s.io", "v1",
                                               "selfsubjectaccessreviews",
                                               "SelfSubjectAccessReview", kube::Scope::Cluster};
inline constexpr kube::Resource kSubjectReviews{"authorization.k8s.io", "v1",
                                                "subjectaccessreviews", "SubjectAccessReview",
                                                kube::Scope::Cluster};

}  // namespace controller
