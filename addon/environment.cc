#include "environment.h"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <utility>

#include "job.h"
#include "process_exit.h"
#include "python_runtime.h"

namespace fluorite {

namespace {

constexpr auto kPatience = std::chrono::seconds(10);

uint64_t NextIdentifier() {
  static std::atomic<uint64_t> last{0};
  return ++last;
}

void RunDelivery(napi_env env, napi_value, void*, void* data) {
  std::unique_ptr<Environment::Delivery> delivery(static_cast<Environment::Delivery*>(data));
  if (env != nullptr) (*delivery)(env);
}

}  // namespace

Environment::Environment(napi_env env) : env_(env), identifier_(NextIdentifier()) {}

std::shared_ptr<Environment> Environment::Attach(Napi::Env env) {
  std::shared_ptr<Environment> self(new Environment(env));
  napi_status status =
      napi_create_threadsafe_function(env, nullptr, nullptr, Napi::String::New(env, "fluorite"), 0, 1,
                                      nullptr, nullptr, nullptr, RunDelivery, &self->deliveries_);
  if (status != napi_ok) return nullptr;
  napi_unref_threadsafe_function(env, self->deliveries_);
  napi_add_env_cleanup_hook(env, OnCleanup, self.get());
  env.SetInstanceData(new std::shared_ptr<Environment>(self));
  return self;
}

std::shared_ptr<Environment> Environment::Of(Napi::Env env) {
  return *env.GetInstanceData<std::shared_ptr<Environment>>();
}

void Environment::Retain() {
  if (retained_++ == 0) napi_ref_threadsafe_function(env_, deliveries_);
}

void Environment::Release() {
  if (--retained_ == 0) napi_unref_threadsafe_function(env_, deliveries_);
}

void Environment::AddJob(std::shared_ptr<Job> job) {
  used_ = true;
  jobs_.insert(std::move(job));
}

void Environment::RemoveJob(const std::shared_ptr<Job>& job) { jobs_.erase(job); }

bool Environment::closing() {
  std::lock_guard<std::mutex> lock(mutex_);
  return closing_;
}

void Environment::Deliver(Delivery delivery) {
  auto owned = std::make_unique<Delivery>(std::move(delivery));
  // Under the lock, as Node may free the thread-safe function any time after the cleanup hook.
  std::lock_guard<std::mutex> lock(mutex_);
  if (closing_) return;
  if (napi_call_threadsafe_function(deliveries_, owned.get(), napi_tsfn_nonblocking) == napi_ok)
    owned.release();
}

bool Environment::LendInput() {
  std::lock_guard<std::mutex> lock(mutex_);
  if (closing_) return false;
  ++lent_inputs_;
  return true;
}

void Environment::ReturnInput() {
  std::lock_guard<std::mutex> lock(mutex_);
  if (--lent_inputs_ == 0) all_inputs_returned_.notify_all();
}

void Environment::OnCleanup(void* self) { static_cast<Environment*>(self)->Close(); }

void Environment::Close() {
  std::unique_lock<std::mutex> lock(mutex_);
  if (closing_) return;
  closing_ = true;
  napi_release_threadsafe_function(deliveries_, napi_tsfn_abort);
  lock.unlock();

  RegisterExitHandler();
  if (used_) PythonRuntime::Get().Abandon(identifier_);

  // After its hooks Node frees the environment's ArrayBuffers, even under a Python thread that reads one.
  lock.lock();
  if (!all_inputs_returned_.wait_for(lock, kPatience, [this] { return lent_inputs_ == 0; })) {
    std::fprintf(stderr, "fluorite: Python still reads %zu buffers of a closed environment\n", lent_inputs_);
  }
  lock.unlock();
  for (const auto& job : jobs_) job->DeleteReferences(env_);
  jobs_.clear();
}

}  // namespace fluorite
