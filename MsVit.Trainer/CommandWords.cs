using System.Buffers;
using System.CommandLine;

namespace MsVit.Trainer;

/// <summary>Writes a command line so that it can be run again.</summary>
internal static class CommandWords
{
    // Characters that are special to a shell.
    private static readonly SearchValues<char> Special = SearchValues.Create(" \t|;&<>()*?'#");

    /// <summary>The given words except some, quoted if a shell needs it.</summary>
    public static string Again(ParseResult parsed, params IReadOnlyList<string> without) =>
        $"msvit {string.Join(' ', parsed.Tokens.Select(token => token.Value).Where(word => !without.Contains(word)).Select(Quoted))}";

    private static string Quoted(string word) => word.Length == 0 || word.AsSpan().ContainsAny(Special) ? $"\"{word}\"" : word;
}
