#include "environment.h"

#include <chrono>
#include <cstdio>
#include <utility>

#include "job.h"
#include "process_exit.h"

namespace fluorite {

namespace {

constexpr auto kPatience = std::chrono::seconds(10);
constexpr auto kNear = std::chrono::microseconds(50);
// Also counts the time that JavaScript takes to wake when it slept.
constexpr auto kQuick = std::chrono::microseconds(80);

void RunDelivery(napi_env env, napi_value, void*, void* data) {
  std::unique_ptr<Environment::Delivery> delivery(static_cast<Environment::Delivery*>(data));
  if (env != nullptr) (*delivery)(env);
}

}  // namespace

Environment::Environment(napi_env env) : env_(env) {}

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

void Environment::AddJob(std::shared_ptr<Job> job) { jobs_.emplace(job->number(), std::move(job)); }

void Environment::RemoveJob(const std::shared_ptr<Job>& job) {
  auto [first, last] = jobs_.equal_range(job->number());
  while (first != last && first->second != job) ++first;
  if (first != last) jobs_.erase(first);
}

void Environment::CancelJobs(int64_t number) {
  auto [first, last] = jobs_.equal_range(number);
  for (; first != last; ++first) first->second->Cancel();
}

void Environment::ExpectAnswer() {
  if (quick_) near_until_ = Clock::now() + kNear;
}

void Environment::NoteAnswer(Clock::time_point asked) {
  near_until_ = {};
  quick_ = Clock::now() - asked < kQuick;
}

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
  for (const auto& [number, job] : jobs_) job->Cancel();

  // After its hooks Node frees the environment's ArrayBuffers, even under a Python thread that reads one.
  lock.lock();
  if (!all_inputs_returned_.wait_for(lock, kPatience, [this] { return lent_inputs_ == 0; })) {
    std::fprintf(stderr, "fluorite: Python still reads %zu buffers of a closed environment\n", lent_inputs_);
  }
  lock.unlock();
  for (const auto& [number, job] : jobs_) job->DeleteReferences(env_);
  jobs_.clear();
}

}  // namespace fluorite
