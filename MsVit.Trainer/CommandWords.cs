using System.Buffers;
using System.CommandLine;

namespace MsVit.Trainer;

/// <summary>Writes a command line down so that it can be given again.</summary>
internal static class CommandWords
{
    // What a shell would take for its own.
    private static readonly SearchValues<char> Special = SearchValues.Create(" \t|;&<>()*?'#");

    /// <summary>The words that were given, but for some, with quotes where a shell wants them.</summary>
    public static string Again(ParseResult parsed, params IReadOnlyList<string> without) =>
        $"msvit {string.Join(' ', parsed.Tokens.Select(token => token.Value).Where(word => !without.Contains(word)).Select(Quoted))}";

    private static string Quoted(string word) => word.Length == 0 || word.AsSpan().ContainsAny(Special) ? $"\"{word}\"" : word;
}
