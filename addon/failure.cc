#include "failure.h"

namespace fluorite {

Failure CreateFailure(const char* code, std::string message) {
  return {std::move(message), {{"code", code}}};
}

Napi::Error CreateError(Napi::Env environment, const Failure& failure) {
  Napi::Error error = Napi::Error::New(environment, failure.message);
  for (const auto& [name, value] : failure.properties) error.Set(name, value);
  return error;
}

}  // namespace fluorite
