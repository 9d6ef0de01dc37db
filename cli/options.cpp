#include "cli/options.hpp"

#include "base/text.hpp"

#include <CLI/CLI.hpp>

namespace saker::cli {

namespace {

namespace fs = std::filesystem;

constexpr auto about
  = "A programmable process supervisor that speaks Redis.\n\n"
    "Everything else is said to a running Saker by any Redis client, for "
    "example:\n"
    "  redis-cli -p 12007 svstatus text\n"
    "  redis-cli -p 12007 help @supervision\n";

/// Words of this program that are not there yet, and the command that does
/// the same through a Redis client.
struct later_word {
  std::string_view word;
  std::string_view command; ///< empty: there is none yet either
};

constexpr later_word later_words[] = {
  {"status", "svstatus text"},
  {"start", "svstart NAME"},
  {"stop", "svstop NAME"},
  {"restart", "svrestart NAME"},
  {"signal", "svsignal SIGNAL NAME"},
  {"wait", "svwait NAME STATE MILLISECONDS"},
  {"apply", "svapply"},
  {"shutdown", "shutdown"},
  {"exec", "COMMAND"},
  {"events", "psubscribe 'saker:*'"},
  {"reload", ""},
  {"scale", ""},
  {"drop", ""},
  {"enable", ""},
  {"disable", ""},
  {"reset", ""},
  {"why", ""},
  {"logs", ""},
  {"plan", ""},
  {"top", ""},
  {"nodes", ""},
  {"test-policy", ""},
  {"import", ""},
  {"passwd", ""},
  {"upgrade", ""},
};

const std::vector<std::string> words{"run", "check", "version", "help"};

failure unknown_word(const std::string& word) {
  for (auto& later : later_words)
    if (later.word == word)
      return fail(errc::invalid_argument,
                  word + ": not available yet"
                    + (later.command.empty() ? ""
                                             : "; type: redis-cli -p 12007 "
                                                 + std::string{later.command}));
  auto near = did_you_mean(word, words);
  return fail(errc::invalid_argument,
              printable(word, 40) + ": unknown command"
                + (near.empty() ? "; `saker help` tells what there is; "
                                  "commands for a running Saker go through "
                                  "redis-cli -p 12007"
                                : near));
}

void make_absolute(std::optional<fs::path>& path) {
  if (path)
    path = fs::absolute(*path).lexically_normal();
}

/// The command line as CLI11 knows it, tied to `x`.
class parser {
public:
  explicit parser(options& x)
    : app_(about, "saker"),
      run_(app_.add_subcommand("run", "Start Saker in the foreground")),
      check_(app_.add_subcommand("check", "Look for errors in files of "
                                          "definitions, changing nothing")),
      version_(app_.add_subcommand("version", "Print the version")),
      help_(app_.add_subcommand("help", "Print this")) {
    app_.require_subcommand(1);
    run_->add_option("--config", x.config, "The configuration, a TOML file")
      ->type_name("FILE");
    run_
      ->add_option("--listen", x.listen,
                   "Listen there instead: 127.0.0.1:12007, unix:PATH; may be "
                   "repeated")
      ->type_name("ADDR")
      ->allow_extra_args(false);
    run_
      ->add_option("--set", x.set,
                   "Override one key, as in log.level=debug; may be repeated")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
    run_
      ->add_option("--state-dir", x.state_dir, "Short for --set state-dir=DIR")
      ->type_name("DIR");
    run_
      ->add_option("--runtime-dir", x.runtime_dir,
                   "Short for --set runtime-dir=DIR")
      ->type_name("DIR");
    run_->add_flag("--demo", x.demo, "With services and scripts to play with");
    check_->add_option("FILE", x.files, "Lua files")->required();
    overview_ = app_.help();
  }

  /// Throws what CLI11 throws.
  void parse(std::vector<std::string> arguments) {
    std::reverse(arguments.begin(), arguments.end());
    app_.parse(std::move(arguments));
  }

  options::action action() const {
    if (run_->parsed())
      return options::action::run;
    if (check_->parsed())
      return options::action::check;
    return version_->parsed() ? options::action::version
                              : options::action::help;
  }

  std::string help() const {
    return (run_->parsed() ? run_ : check_->parsed() ? check_ : &app_)->help();
  }

  /// What `saker help` prints.
  const std::string& overview() const {
    return overview_;
  }

private:
  CLI::App app_;
  std::string overview_; ///< made first: later help() is a subcommand's
  CLI::App* run_;
  CLI::App* check_;
  CLI::App* version_;
  CLI::App* help_;
};

} // namespace

result<options> read_options(const std::vector<std::string>& arguments) {
  options x;
  parser known{x};
  if (arguments.empty())
    return fail(errc::invalid_argument, "no command\n" + known.overview());
  auto& word = arguments.front();
  if (word == "--version") {
    x.what = options::action::version;
    return x;
  }
  if (!word.starts_with('-')
      && std::find(words.begin(), words.end(), word) == words.end())
    return unknown_word(word);
  try {
    known.parse(arguments);
  } catch (const CLI::CallForHelp&) {
    x.text = known.help();
    return x;
  } catch (const CLI::Error& e) {
    return fail(errc::invalid_argument,
                word + ": " + one_line(e.what()) + "; `saker "
                  + (word.starts_with('-') ? "" : word + ' ')
                  + "--help` tells more");
  }
  x.what = known.action();
  x.text = known.overview();
  make_absolute(x.state_dir);
  make_absolute(x.runtime_dir);
  return x;
}

} // namespace saker::cli
