#include "job.h"

#include <cstdint>
#include <utility>

#include "python_callbacks.h"
#include "python_error.h"

namespace fluorite {

namespace {

thread_local const Job* starting = nullptr;

Napi::Value CreateResult(Napi::Env env, JobResult& result) {
  auto value = Napi::Object::New(env);
  if (result.failed) value.Set("failed", true);
  value.Set("envelope", Napi::Buffer<char>::Copy(env, result.envelope.data(), result.envelope.size()));
  if (result.failed) return value;
  auto buffers = Napi::Array::New(env, result.buffers.size());
  for (size_t index = 0; index < result.buffers.size() && !env.IsExceptionPending(); ++index) {
    buffers.Set(index, result.buffers[index].TakeValue(env));
  }
  value.Set("buffers", buffers);
  return value;
}

}  // namespace

std::optional<std::string> Job::ReadArguments(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (!info[0].IsNumber()) return "number must be a number";
  number_ = info[0].As<Napi::Number>();
  if (!info[1].IsString()) return "method must be a string";
  method_ = info[1].As<Napi::String>();
  InputBuffer envelope;
  if (auto problem = ReadInput(info[2], "envelope", SIZE_MAX, &envelope)) return problem;
  envelope_ = std::move(envelope.copy);
  if (!info[3].IsArray()) return "buffers must be an array of Uint8Array";
  auto buffers = info[3].As<Napi::Array>();
  inputs_.resize(buffers.Length());
  std::vector<Napi::Value> lent;
  for (size_t index = 0; index < inputs_.size(); ++index) {
    Napi::Value view = buffers.Get(index);
    std::string name = "buffers[" + std::to_string(index) + "]";
    if (auto problem = ReadInput(view, name, kZeroCopyBytes, &inputs_[index])) return problem;
    if (inputs_[index].borrowed != nullptr) lent.push_back(view);
  }
  if (!info[4].IsUndefined() && !info[4].IsFunction()) return "onProgress must be a function or undefined";
  has_progress_ = info[4].IsFunction();
  if (has_progress_) napi_create_reference(env, info[4], 1, &on_progress_);
  for (Napi::Value view : lent) napi_create_reference(env, view, 1, &lent_views_.emplace_back());
  return std::nullopt;
}

Napi::Value Job::Begin(Napi::Env env) {
  napi_value promise = nullptr;
  if (napi_create_promise(env, &deferred_, &promise) != napi_ok) {
    DeleteReferences(env);
    return {};
  }
  environment_->AddJob(shared_from_this());
  environment_->Retain();
  asked_ = Environment::Clock::now();
  return Napi::Value(env, promise);
}

void Job::DeleteReferences(napi_env env) {
  if (on_progress_ != nullptr) napi_delete_reference(env, std::exchange(on_progress_, nullptr));
  for (napi_ref view : lent_views_) napi_delete_reference(env, view);
  lent_views_.clear();
}

void Job::Start(PyObject* accept) {
  if (environment_->closing()) return;
  PythonReference job(CreateJobCapsule(shared_from_this()));
  PythonReference method(python.PyUnicode_FromStringAndSize(method_.data(), method_.size()));
  PythonReference envelope(python.PyBytes_FromStringAndSize(envelope_.data(), envelope_.size()));
  PythonReference inputs = CreateInputs();
  envelope_ = {};
  inputs_ = {};
  PythonReference none;
  if (job && method && envelope && inputs) {
    starting = this;
    none = PythonReference(python.PyObject_CallFunctionObjArgs(accept, job.get(), method.get(),
                                                               envelope.get(), inputs.get(), nullptr));
    starting = nullptr;
  }
  if (none) return;
  if (ClaimEnd()) {
    JobResult result;
    result.failure = TakePythonError("JOB_NOT_ACCEPTED");
    Finish(std::move(result));
  } else {
    python.PyErr_WriteUnraisable(accept);
  }
}

PythonReference Job::CreateInputs() {
  PythonReference list(python.PyList_New(static_cast<Py_ssize_t>(inputs_.size())));
  for (size_t index = 0; list && index < inputs_.size(); ++index) {
    const InputBuffer& input = inputs_[index];
    PythonReference object(input.borrowed != nullptr
                               ? CreateBorrowedView(input, shared_from_this())
                               : python.PyBytes_FromStringAndSize(input.copy.data(), input.copy.size()));
    if (!object) return {};
    if (input.borrowed != nullptr) {
      python.Py_IncRef(object.get());
      views_.emplace_back(object.get());
    }
    python.PyList_SetItem(list.get(), static_cast<Py_ssize_t>(index), object.Release());
  }
  return list;
}

void Job::ReleaseViews() {
  std::vector<PythonReference> views;
  views.swap(views_);
  for (const PythonReference& view : views) {
    // Fails while Python holds an export of it; the memory then comes back when that ends.
    PythonReference none(python.PyObject_CallMethod(view.get(), "release", nullptr));
    if (!none) python.PyErr_Clear();
  }
}

void Job::Finish(JobResult result) {
  ReleaseViews();
  result_ = std::move(result);
  if (starting == this) {
    answer_waits_ = true;
  } else {
    DeliverAnswer();
  }
}

void Job::SendAnswer() {
  if (std::exchange(answer_waits_, false)) DeliverAnswer();
}

void Job::DeliverAnswer() {
  bool inputs_returned = holds_.fetch_sub(1) == 1;
  environment_->Deliver([self = shared_from_this(), inputs_returned](Napi::Env env) {
    self->Settle(env);
    if (inputs_returned) self->Forget(env);
  });
}

void Job::SendProgress(const char* envelope, size_t size) {
  if (!has_progress_) return;
  environment_->Deliver([self = shared_from_this(), text = std::string(envelope, size)](Napi::Env env) {
    self->ReportProgress(env, text);
  });
}

bool Job::LendInput() {
  if (!environment_->LendInput()) return false;
  holds_.fetch_add(1);
  return true;
}

void Job::ReturnInput() {
  environment_->ReturnInput();
  if (holds_.fetch_sub(1) != 1) return;
  environment_->Deliver([self = shared_from_this()](Napi::Env env) { self->Forget(env); });
}

void Job::Settle(Napi::Env env) {
  JobResult result = std::move(result_);
  bool failed = result.failed || result.failure.has_value();
  napi_value value = result.failure ? CreateError(env, *result.failure).Value() : CreateResult(env, result);
  if (env.IsExceptionPending()) {
    failed = true;
    value = env.GetAndClearPendingException().Value();
  }
  if (failed) {
    napi_reject_deferred(env, deferred_, value);
  } else {
    napi_resolve_deferred(env, deferred_, value);
  }
  environment_->Release();
  environment_->NoteAnswer(asked_);
}

void Job::ReportProgress(Napi::Env env, const std::string& envelope) {
  napi_value callback = nullptr;
  napi_get_reference_value(env, on_progress_, &callback);
  napi_value argument = Napi::Buffer<char>::Copy(env, envelope.data(), envelope.size());
  napi_call_function(env, env.Undefined(), callback, 1, &argument, nullptr);
  // Node only warns of an exception in a thread-safe function of this Node-API version.
  if (env.IsExceptionPending()) napi_fatal_exception(env, env.GetAndClearPendingException().Value());
}

void Job::Forget(Napi::Env env) {
  DeleteReferences(env);
  environment_->RemoveJob(shared_from_this());
}

}  // namespace fluorite
