#include "lua/script.hpp"

#include "lua/script_engine.hpp"

namespace saker::lua {

std::string_view to_string(task_kind x) noexcept {
  switch (x) {
    case task_kind::load: return "load";
    case task_kind::once: return "once";
    case task_kind::cycle: return "cycle";
    case task_kind::defer: return "defer";
    case task_kind::command: return "command";
    case task_kind::timer: return "timer";
    case task_kind::message: return "message";
  }
  return "unknown";
}

script::script(host& environment, script_options options)
  : engine_(std::make_unique<engine>(environment, std::move(options))) {
  // nop
}

script::~script() = default;

result<task_id> script::load(std::string_view chunk, std::string_view text) {
  return engine_->load(chunk, text);
}

result<task_id>
script::call(std::string_view alias, std::vector<std::string> arguments,
             resp::protocol dialect) {
  return engine_->call(alias, std::move(arguments), dialect);
}

std::vector<task_id> script::begin_defer() {
  return engine_->begin_defer();
}

step_result script::step(time_point now) {
  return engine_->step(now);
}

std::optional<time_point> script::next_wake() const {
  return engine_->next_wake();
}

void script::answer(request_id id, resp::value x) {
  engine_->answer(id, std::move(x));
}

void script::answer(request_id id, exec_result x) {
  engine_->answer(id, std::move(x));
}

void script::answer(request_id id, chore_result x) {
  engine_->answer(id, std::move(x));
}

void script::deliver(callback_id id, std::string channel, std::string text,
                     std::uint64_t missed) {
  engine_->deliver(id, std::move(channel), std::move(text), missed);
}

void script::answer(request_id id, failure why) {
  engine_->answer(id, std::move(why));
}

bool script::cancel(task_id id) {
  return engine_->cancel(id);
}

bool script::unregister(std::string_view alias) {
  return engine_->remove_command(alias);
}

std::vector<command_spec> script::commands() const {
  return engine_->commands();
}

std::vector<task_info> script::tasks() const {
  return engine_->tasks();
}

std::size_t script::memory() const noexcept {
  return engine_->memory();
}

} // namespace saker::lua
