#ifndef FLUORITE_FAILURE_H_
#define FLUORITE_FAILURE_H_

#include <napi.h>

#include <string>
#include <utility>
#include <vector>

namespace fluorite {

// An error on its way to JavaScript: an Error with `message`, and each property set on it as a string.
struct Failure {
  std::string message;
  std::vector<std::pair<const char*, std::string>> properties;
};

Failure CreateFailure(const char* code, std::string message);

Napi::Error CreateError(Napi::Env environment, const Failure& failure);

}  // namespace fluorite

#endif  // FLUORITE_FAILURE_H_
