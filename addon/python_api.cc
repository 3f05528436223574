#include "python_api.h"

#include <dlfcn.h>

#include <cstdio>

namespace fluorite {

PythonApi python;

namespace {

constexpr char kRequiredPython[] = "CPython 3.11 or later, built with the global interpreter lock";

Failure Unsupported(const std::string& library, const std::string& found) {
  Failure failure =
      CreateFailure("PYTHON_UNSUPPORTED", "Python " + found + " (" + library +
                                              ") is not supported. Required: " + kRequiredPython +
                                              ". Point the `python` option at such an interpreter.");
  failure.properties.emplace_back("found", found);
  failure.properties.emplace_back("required", kRequiredPython);
  return failure;
}

Failure NotFound(const std::string& library, const std::string& reason) {
  return CreateFailure(
      "LIBPYTHON_NOT_FOUND",
      "Cannot load the shared library of Python, " + library + ": " + reason +
          ". Install it (Debian and Ubuntu: the package libpython3.x of your version; pyenv: "
          "PYTHON_CONFIGURE_OPTS=--enable-shared) or choose another interpreter.");
}

std::string ErrorOfLoader() {
  const char* text = dlerror();
  return text == nullptr ? "unknown error" : text;
}

std::string FileOf(void* address) {
  Dl_info information;
  return dladdr(address, &information) != 0 && information.dli_fname != nullptr ? information.dli_fname
                                                                                : "an unknown file";
}

std::optional<Failure> CheckLibrary(void* handle, const std::string& library) {
  auto version = reinterpret_cast<const char* (*)()>(dlsym(handle, "Py_GetVersion"));
  if (version == nullptr) return NotFound(library, "it does not define Py_GetVersion");
  std::string found = version();
  int major = 0;
  int minor = 0;
  std::sscanf(found.c_str(), "%d.%d", &major, &minor);
  bool has_gil = found.find("free-threading") == std::string::npos;
  if (major != 3 || minor < 11 || !has_gil) {
    std::string number = found.substr(0, found.find(' '));
    return Unsupported(library, has_gil ? number : number + " without the global interpreter lock");
  }
  // Extension modules take Python's functions from the global scope: with two libraries there, the modules
  // of one would call the other.
  void* loaded = dlsym(RTLD_DEFAULT, "Py_GetVersion");
  if (loaded != nullptr && loaded != reinterpret_cast<void*>(version)) {
    return CreateFailure("PYTHON_CONFLICT", "Another Python, " + FileOf(loaded) +
                                                ", is already loaded in this process; cannot also load " +
                                                library + ". Use one interpreter for all addons.");
  }
  return std::nullopt;
}

}  // namespace

std::optional<Failure> LoadPython(const std::string& library) {
  // Looked at in private first: once its symbols are global, a refused library would stay in the way.
  void* handle = dlopen(library.c_str(), RTLD_LAZY | RTLD_LOCAL);
  if (handle == nullptr) return NotFound(library, ErrorOfLoader());
  if (auto failure = CheckLibrary(handle, library)) {
    dlclose(handle);
    return failure;
  }
  PythonApi table = {};
  const char* missing = nullptr;
#define FLUORITE_RESOLVE(name, ...)                                          \
  table.name = reinterpret_cast<decltype(table.name)>(dlsym(handle, #name)); \
  if (table.name == nullptr && missing == nullptr) missing = #name;
  FLUORITE_PYTHON_FUNCTIONS(FLUORITE_RESOLVE)
  FLUORITE_PYTHON_OBJECTS(FLUORITE_RESOLVE)
#undef FLUORITE_RESOLVE
  if (missing != nullptr) {
    dlclose(handle);
    return NotFound(library, std::string("it does not define ") + missing);
  }
  table.Py_UTF8Mode = static_cast<int*>(dlsym(handle, "Py_UTF8Mode"));
  table.Py_IgnoreEnvironmentFlag = static_cast<int*>(dlsym(handle, "Py_IgnoreEnvironmentFlag"));
  if (dlopen(library.c_str(), RTLD_NOW | RTLD_GLOBAL | RTLD_NODELETE) == nullptr) {
    Failure failure = NotFound(library, ErrorOfLoader());
    dlclose(handle);
    return failure;
  }
  python = table;
  return std::nullopt;
}

PyObject* NewNone() {
  python.Py_IncRef(python._Py_NoneStruct);
  return python._Py_NoneStruct;
}

}  // namespace fluorite
