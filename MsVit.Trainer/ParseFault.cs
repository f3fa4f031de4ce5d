using System.CommandLine.Parsing;

namespace MsVit.Trainer;

/// <summary>Rewrites the parse errors of System.CommandLine, which name .NET types and take several lines.</summary>
internal static class ParseFault
{
    public static string Of(ParseError fault) => fault.SymbolResult switch
    {
        OptionResult { Option: var option } found when Expected(option.ValueType) is { } expected && IsOfValue(fault) =>
            Words(option.Name, found, expected),
        ArgumentResult { Argument: var argument } found when Expected(argument.ValueType) is { } expected && IsOfValue(fault) => Words(
            found.Parent is OptionResult above ? above.Option.Name : argument.Name, found, expected),
        _ => ErrorLine.OneLine(fault.Message),
    };

    // The messages on missing, unknown or extra words are fine as they are.
    private static bool IsOfValue(ParseError fault) => fault.Message.StartsWith("Cannot parse", StringComparison.Ordinal);

    private static string Words(string name, SymbolResult found, string expected) =>
        $"{name} {string.Join(' ', found.Tokens.Select(token => token.Value))} is not understood: expected {expected}.";

    private static string? Expected(Type type)
    {
        type = type.GetElementType() ?? Nullable.GetUnderlyingType(type) ?? type;
        return type.IsEnum ? string.Join(", ", Enum.GetNames(type))
            : type == typeof(int) ? "a whole number"
            : type == typeof(double) || type == typeof(float) ? "a number, such as 0.5"
            : null;
    }
}
