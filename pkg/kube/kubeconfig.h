// Reads a kubeconfig file, the way kubectl does, for the ways to log in that need no other program.
#pragma once

#include "base/error.h"
#include "kube/client_config.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace kube {

struct KubeconfigOptions {
  std::string path;         // --kubeconfig; wins over `environment`
  std::string context;      // --context; empty: the file's current-context
  std::string environment;  // $KUBECONFIG: paths separated by ':'; the first that exists is used,
                            // they are not merged
  std::string home;         // $HOME, for .kube/config
};

// The contents of a file, or an error that says why not.
using ReadFile = std::function<base::Result<std::string>(const std::string& path)>;

// The files to try, best first.
std::vector<std::string> kubeconfig_candidates(const KubeconfigOptions& options);

// Invalid with what is wrong, where, and how to fix it; NotFound when there is no file.
base::Result<ClientConfig> load_kubeconfig(const KubeconfigOptions& options);

// `text` was read from `path`: relative paths in it are relative to its folder. Reads certificates
// and keys with `read_file`; a tokenFile is only named in the result. No error quotes the text.
base::Result<ClientConfig> parse_kubeconfig(std::string_view text, const std::string& path,
                                            const std::string& context, const ReadFile& read_file);

}  // namespace kube
