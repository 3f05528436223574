#include <napi.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "environment.h"
#include "failure.h"
#include "job.h"
#include "process_exit.h"
#include "process_owner.h"
#include "python_runtime.h"

namespace fluorite {

namespace {

Napi::TypeError InvalidArgument(Napi::Env env, const std::string& message) {
  auto error = Napi::TypeError::New(env, message);
  error.Set("code", "INVALID_ARGUMENT");
  return error;
}

Napi::Value Rejected(Napi::Env env, const Napi::Error& error) {
  auto deferred = Napi::Promise::Deferred::New(env);
  deferred.Reject(error.Value());
  return deferred.Promise();
}

std::optional<Interpreter> ReadInterpreter(Napi::Value value) {
  if (!value.IsObject()) return std::nullopt;
  auto options = value.As<Napi::Object>();
  Napi::Value library = options.Get("library");
  Napi::Value program = options.Get("program");
  Napi::Value module_path = options.Get("module_path");
  if (!library.IsString() || !program.IsString() || !module_path.IsString()) return std::nullopt;
  return Interpreter{library.As<Napi::String>(), program.As<Napi::String>(), module_path.As<Napi::String>()};
}

// connect({library, program, module_path}) -> Promise<void>
Napi::Value Connect(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  auto interpreter = ReadInterpreter(info[0]);
  if (!interpreter) {
    return Rejected(env,
                    InvalidArgument(env, "connect() takes {library, program, module_path}, each a string"));
  }
  auto environment = Environment::Of(env);
  napi_deferred deferred = nullptr;
  napi_value promise = nullptr;
  if (napi_create_promise(env, &deferred, &promise) != napi_ok) return env.Undefined();
  environment->Retain();
  PythonRuntime::Get().Connect(
      std::move(*interpreter), [environment, deferred](std::optional<Failure> failure) {
        environment->Deliver([environment, deferred, failure = std::move(failure)](Napi::Env delivered) {
          environment->Release();
          if (failure) {
            napi_reject_deferred(delivered, deferred, CreateError(delivered, *failure).Value());
          } else {
            napi_resolve_deferred(delivered, deferred, delivered.Undefined());
          }
        });
      });
  return Napi::Value(env, promise);
}

// submit(number, method, envelope, buffers, onProgress?) -> Promise<{envelope, buffers}>
Napi::Value Submit(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (!PythonRuntime::Get().ready()) {
    return Rejected(env, CreateError(env, CreateFailure("NOT_CONNECTED",
                                                        "Python is not running: await connect() "
                                                        "before submit()")));
  }
  auto job = std::make_shared<Job>(Environment::Of(env));
  auto problem = job->ReadArguments(info);
  if (env.IsExceptionPending()) return Rejected(env, env.GetAndClearPendingException());
  if (problem) return Rejected(env, InvalidArgument(env, *problem));
  Napi::Value promise = job->Begin(env);
  if (!promise.IsEmpty() && PythonRuntime::Get().Submit(std::move(job))) Environment::Of(env)->ExpectAnswer();
  return promise;
}

// answerIsNear() -> boolean
Napi::Value AnswerIsNear(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), Environment::Of(info.Env())->answer_is_near());
}

// cancel(number) -> void
void Cancel(const Napi::CallbackInfo& info) {
  if (info[0].IsNumber()) Environment::Of(info.Env())->CancelJobs(info[0].As<Napi::Number>());
}

// address(view) -> bigint
Napi::Value Address(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (!info[0].IsTypedArray() || info[0].As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) {
    InvalidArgument(env, "address() takes a Uint8Array").ThrowAsJavaScriptException();
    return env.Undefined();
  }
  return Napi::BigInt::New(env, reinterpret_cast<uint64_t>(info[0].As<Napi::Uint8Array>().Data()));
}

// prepareExit() -> void
void PrepareExit(const Napi::CallbackInfo&) { RegisterExitHandler(); }

Napi::Object Initialize(Napi::Env env, Napi::Object exports) {
  PinLibrary();
  if (!Environment::Attach(env)) {
    Napi::Error::New(env, "Cannot create the thread-safe function of this environment")
        .ThrowAsJavaScriptException();
    return exports;
  }
  exports.Set("connect", Napi::Function::New<Connect>(env, "connect"));
  exports.Set("submit", Napi::Function::New<Submit>(env, "submit"));
  exports.Set("answerIsNear", Napi::Function::New<AnswerIsNear>(env, "answerIsNear"));
  exports.Set("cancel", Napi::Function::New<Cancel>(env, "cancel"));
  exports.Set("address", Napi::Function::New<Address>(env, "address"));
  exports.Set("prepareExit", Napi::Function::New<PrepareExit>(env, "prepareExit"));
  return exports;
}

}  // namespace

NODE_API_MODULE(fluorite, Initialize)

}  // namespace fluorite
