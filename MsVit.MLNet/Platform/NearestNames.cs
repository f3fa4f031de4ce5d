namespace MsVit.MLNet;

/// <summary>Suggests the names that a mistyped name may stand for.</summary>
internal static class NearestNames
{
    /// <summary>Up to <paramref name="count"/> names, the nearest first: names that contain the word or differ by few edits.</summary>
    public static IReadOnlyList<string> Of(string word, IEnumerable<string> names, int count = 3) =>
    [
        .. (from name in names
            let distance = name.Contains(word, StringComparison.OrdinalIgnoreCase) ? 1
                : Edits(word.ToUpperInvariant(), Last(name).ToUpperInvariant())
            where distance <= Math.Max(2, word.Length / 3)
            orderby distance, name.Length
            select name).Take(count),
    ];

    // The Levenshtein distance, one row at a time.
    private static int Edits(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var substitution = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substitution, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[^1];
    }

    private static string Last(string name) => name[(name.LastIndexOf('.') + 1)..];
}
