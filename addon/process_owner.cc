#include "process_owner.h"

#include <dlfcn.h>

#if defined(__APPLE__)
#include <mach-o/dyld.h>
#else
#include <link.h>
#endif

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

// Exported, so that the copies find each other: of all copies in the process, the variable of the one loaded
// first holds the owner (the address of the owner's own variable). Its name and type must never change.
extern "C" __attribute__((visibility("default"))) std::atomic<const void*> fluorite_process_owner;
std::atomic<const void*> fluorite_process_owner{nullptr};

namespace fluorite {

namespace {

std::string FileOf(const void* address) {
  Dl_info information;
  return dladdr(address, &information) != 0 && information.dli_fname != nullptr ? information.dli_fname : "";
}

// In the order of loading.
std::vector<std::string> LoadedFiles() {
  std::vector<std::string> files;
#if defined(__APPLE__)
  for (uint32_t index = 0; index < _dyld_image_count(); ++index)
    files.emplace_back(_dyld_get_image_name(index));
#else
  dl_iterate_phdr(
      [](dl_phdr_info* information, size_t, void* result) {
        static_cast<std::vector<std::string>*>(result)->emplace_back(information->dlpi_name);
        return 0;
      },
      &files);
#endif
  return files;
}

std::atomic<const void*>& ProcessOwner() {
  constexpr char kSuffix[] = ".node";
  constexpr size_t kSuffixSize = sizeof(kSuffix) - 1;
  for (const std::string& file : LoadedFiles()) {
    if (file.size() < kSuffixSize || file.compare(file.size() - kSuffixSize, kSuffixSize, kSuffix) != 0)
      continue;
    void* handle = dlopen(file.c_str(), RTLD_LAZY | RTLD_NOLOAD);
    if (handle == nullptr) continue;
    void* variable = dlsym(handle, "fluorite_process_owner");
    dlclose(handle);
    if (variable != nullptr) return *static_cast<std::atomic<const void*>*>(variable);
  }
  return fluorite_process_owner;
}

}  // namespace

void PinLibrary() {
  std::string file = FileOf(&fluorite_process_owner);
  dlopen(file.c_str(), RTLD_NOW | RTLD_NODELETE);
}

std::optional<Failure> ClaimProcess() {
  const void* owner = nullptr;
  if (ProcessOwner().compare_exchange_strong(owner, &fluorite_process_owner) ||
      owner == &fluorite_process_owner) {
    return std::nullopt;
  }
  return CreateFailure("PYTHON_CONFLICT", "Another copy of this addon, " + FileOf(owner) +
                                              ", already runs Python in this process. Install one copy of "
                                              "fluorite-memory-engine for all its users (npm dedupe).");
}

void ReleaseProcess() {
  const void* owner = &fluorite_process_owner;
  ProcessOwner().compare_exchange_strong(owner, nullptr);
}

}  // namespace fluorite
