using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Parsing;
using MsVit.MLNet;

namespace MsVit.Trainer;

/// <summary>Rewrites the parse errors of System.CommandLine, which name .NET types, take several lines and suggest nothing.</summary>
internal static class ParseFault
{
    /// <summary>What is wrong with a command line, in one line.</summary>
    public static string Of(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        string[] options = [.. parsed.UnmatchedTokens.Concat(ArgumentWords(parsed)).Where(LooksLikeOption).Distinct()];
        // What follows a wrong word is unknown only because of it.
        var unknown = command.Subcommands.Count > 0 && parsed.UnmatchedTokens is [var first, ..] && !first.StartsWith('-')
            ? [UnknownCommand(first, command)]
            : options.Select(word => UnknownOption(word, parsed)).ToArray();
        var others = parsed.Errors.Where(fault => unknown.Length == 0 || !IsOfUnmatched(fault, parsed)).Select(Of);
        return string.Join(" ", unknown.Concat(others).Distinct());
    }

    /// <summary>
    /// Whether a command that takes any number of words has taken a mistyped option for one of them. A file of such a name can be given
    /// as ./--name, or after a lone --.
    /// </summary>
    public static bool HidesUnknownOption(ParseResult parsed) => ArgumentWords(parsed).Any(LooksLikeOption);

    private static bool LooksLikeOption(string word) =>
        word.Length > 2 ? word.StartsWith("--", StringComparison.Ordinal) || (word[0] == '-' && char.IsLetter(word[1]))
        : word.Length == 2 && word[0] == '-' && char.IsLetter(word[1]);

    private static IEnumerable<string> ArgumentWords(ParseResult parsed) => parsed.Tokens.Any(token => token.Value == "--")
        ? []
        : parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens.Select(token => token.Value));

    private static string Of(ParseError fault) => fault.SymbolResult switch
    {
        OptionResult { Option: var option } found when IsOfChoice(fault) => Chosen(option.Name, found, option),
        ArgumentResult { Parent: OptionResult { Option: var option } } found when IsOfChoice(fault) => Chosen(option.Name, found, option),
        OptionResult { Option: var option } found when Expected(option.ValueType) is { } expected && IsOfValue(fault) =>
            Words(option.Name, found, expected, Choices(option.ValueType)),
        ArgumentResult { Argument: var argument } found when Expected(argument.ValueType) is { } expected && IsOfValue(fault) => Words(
            found.Parent is OptionResult above ? above.Option.Name : argument.Name, found, expected, Choices(argument.ValueType)),
        _ => ErrorLine.OneLine(fault.Message),
    };

    private static string UnknownCommand(string word, Command command)
    {
        string[] names = [.. command.Subcommands.Where(verb => !verb.Hidden).Select(verb => verb.Name)];
        var question = NearestNames.Question(word, names);
        return $"There is no command '{word}'.{(question.Length > 0 ? question : $" The commands are: {string.Join(", ", names)}.")}";
    }

    private static string UnknownOption(string word, ParseResult parsed)
    {
        var names = Options(parsed.CommandResult).SelectMany(option => option.Aliases.Prepend(option.Name));
        return $"There is no option '{word.Split('=', ':')[0]}'.{NearestNames.Question(word.Split('=', ':')[0], names)}";
    }

    private static IEnumerable<Option> Options(CommandResult? result)
    {
        for (var at = result; at is not null; at = at.Parent as CommandResult)
        {
            foreach (var option in at.Command.Options)
            {
                yield return option;
            }
        }
    }

    // Errors that the unknown words have caused; System.CommandLine says no more of them than that they were unexpected.
    private static bool IsOfUnmatched(ParseError fault, ParseResult parsed) =>
        fault.SymbolResult is CommandResult
        && (parsed.CommandResult.Command.Subcommands.Count > 0
            || parsed.UnmatchedTokens.Any(word => fault.Message.Contains($"'{word}'", StringComparison.Ordinal)));

    private static bool IsOfChoice(ParseError fault) => fault.Message.Contains("Must be one of", StringComparison.Ordinal);

    private static string Chosen(string name, SymbolResult found, Option option)
    {
        string[] choices = [.. option.GetCompletions(CompletionContext.Empty).Select(choice => choice.Label)];
        return Words(name, found, string.Join(", ", choices), choices);
    }

    // The messages on missing or extra words are fine as they are.
    private static bool IsOfValue(ParseError fault) => fault.Message.StartsWith("Cannot parse", StringComparison.Ordinal);

    private static string Words(string name, SymbolResult found, string expected, string[] choices)
    {
        var text = string.Join(' ', found.Tokens.Select(token => token.Value));
        return $"{name} {text} is not understood: expected {expected}.{NearestNames.Question(text, choices)}";
    }

    private static string? Expected(Type type)
    {
        string[] choices = Choices(type);
        type = Element(type);
        return choices.Length > 0 ? string.Join(", ", choices)
            : type == typeof(int) ? "a whole number"
            : type == typeof(double) || type == typeof(float) ? "a number, such as 0.5"
            : null;
    }

    private static string[] Choices(Type type) => Element(type) is { IsEnum: true } choice ? Enum.GetNames(choice) : [];

    private static Type Element(Type type) => type.GetElementType() ?? Nullable.GetUnderlyingType(type) ?? type;
}
