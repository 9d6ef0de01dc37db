#include "cli/help_format.hpp"

#include "cli/printed_text.hpp"

namespace saker::cli {

namespace {

constexpr std::size_t names_width = 20;
constexpr std::size_t text_width = 79 - names_width;

} // namespace

help_format::help_format() {
  column_width(names_width);
  label("SUBCOMMAND", "COMMAND");
  label("Positionals", "Arguments");
}

std::string
help_format::make_usage(const CLI::App* app, std::string name) const {
  if (app->get_parent())
    name = app->get_parent()->get_name() + ' ' + app->get_name();
  return Formatter::make_usage(app, name);
}

/// The value that a flag has by itself, `--wait{60s}`, may be replaced.
std::string help_format::make_option_name(const CLI::Option* option,
                                          bool is_positional) const {
  auto name = Formatter::make_option_name(option, is_positional);
  for (auto at = name.find('{'); at != std::string::npos; at = name.find('{'))
    name.replace(at, name.find('}', at) - at + 1, "[=TIME]");
  return name;
}

std::string help_format::make_option_opts(const CLI::Option* option) const {
  std::string text;
  if (option->get_type_size() > 0 && !option->get_type_name().empty())
    text = ' ' + option->get_type_name();
  if (option->get_expected_max() > 1)
    text += "...";
  return text;
}

std::string help_format::make_option_desc(const CLI::Option* option) const {
  return wrapped(option->get_description(), text_width);
}

} // namespace saker::cli
