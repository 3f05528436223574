#ifndef FLUORITE_ENVIRONMENT_H_
#define FLUORITE_ENVIRONMENT_H_

#include <napi.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace fluorite {

class Job;

// One Node environment (the main thread or a worker) that loaded the addon. Shared by its instance data, its
// jobs and the deliveries under way, so that a Python thread can still ask it about itself when it is gone.
class Environment : public std::enable_shared_from_this<Environment> {
 public:
  using Clock = std::chrono::steady_clock;

  // Runs on the JavaScript thread, or is destroyed without running when the environment closes.
  using Delivery = std::function<void(Napi::Env)>;

  static std::shared_ptr<Environment> Attach(Napi::Env env);
  static std::shared_ptr<Environment> Of(Napi::Env env);

  // JavaScript thread. Each Retain keeps the event loop alive until its Release.
  void Retain();
  void Release();
  void AddJob(std::shared_ptr<Job> job);
  void RemoveJob(const std::shared_ptr<Job>& job);
  // By the number that JavaScript gave its jobs.
  void CancelJobs(int64_t number);
  // A server begins a call at this moment. Its answer is near, for some microseconds, if the last one was
  // quick.
  void ExpectAnswer();
  void NoteAnswer(Clock::time_point asked);
  bool answer_is_near() const { return Clock::now() < near_until_; }

  // Any thread.
  bool closing();
  void Deliver(Delivery delivery);
  // False when the environment is closing: its memory must no longer be lent.
  bool LendInput();
  void ReturnInput();

 private:
  explicit Environment(napi_env env);
  static void OnCleanup(void* self);
  void Close();

  const napi_env env_;
  napi_threadsafe_function deliveries_ = nullptr;

  // JavaScript thread only.
  std::unordered_multimap<int64_t, std::shared_ptr<Job>> jobs_;
  size_t retained_ = 0;
  bool quick_ = false;
  Clock::time_point near_until_;

  std::mutex mutex_;
  std::condition_variable all_inputs_returned_;
  size_t lent_inputs_ = 0;
  bool closing_ = false;
};

}  // namespace fluorite

#endif  // FLUORITE_ENVIRONMENT_H_
