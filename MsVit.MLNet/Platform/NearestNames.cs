namespace MsVit.MLNet;

/// <summary>Suggests the names that a mistyped name may stand for.</summary>
internal static class NearestNames
{
    private const int ShortWord = 4;

    /// <summary>Up to <paramref name="count"/> names, the nearest first: names that contain the word or differ by few edits.</summary>
    public static IReadOnlyList<string> Of(string word, IEnumerable<string> names, int count = 3) =>
    [
        .. (from name in names
            let distance = Distance(word, name)
            where distance <= (word.Length < ShortWord ? 1 : Math.Max(2, word.Length / 3))
            orderby distance, name.Length
            select name).Take(count),
    ];

    /// <summary>A question to append to a message, such as " Did you mean train?"; empty if no name is near.</summary>
    public static string Question(string word, IEnumerable<string> names)
    {
        var near = Of(word, names);
        return near.Count switch
        {
            0 => "",
            1 => $" Did you mean {near[0]}?",
            _ => $" Did you mean {string.Join(", ", near.SkipLast(1))} or {near[^1]}?",
        };
    }

    // Of a name with dots, the last part alone may be what was meant.
    private static int Distance(string word, string name)
    {
        if (name.Contains(word, StringComparison.OrdinalIgnoreCase))
        {
            return 1;
        }
        var (typed, whole) = (word.ToUpperInvariant(), name.ToUpperInvariant());
        return Math.Min(Edits(typed, whole), Edits(typed, whole[(whole.LastIndexOf('.') + 1)..]));
    }

    // The fewest insertions, deletions, substitutions and exchanges of neighbors, each letter edited once.
    private static int Edits(string a, string b)
    {
        var edits = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    edits[i, j] = i + j;
                    continue;
                }
                var substitution = edits[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                var least = Math.Min(substitution, Math.Min(edits[i - 1, j], edits[i, j - 1]) + 1);
                var isExchange = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                edits[i, j] = isExchange ? Math.Min(least, edits[i - 2, j - 2] + 1) : least;
            }
        }
        return edits[a.Length, b.Length];
    }
}
