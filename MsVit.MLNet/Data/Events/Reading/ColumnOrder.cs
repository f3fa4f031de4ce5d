namespace MsVit.MLNet.Events;

/// <summary>Which column holds what, each counted from 0, and how many columns a row has at least.</summary>
internal sealed record ColumnOrder(int Time, int X, int Y, int On, int Count)
{
    private static readonly string[] TimeNames = ["t", "time", "ts", "timestamp"];
    private static readonly string[] OnNames = ["p", "pol", "polarity", "on"];

    /// <summary>Reads names that have been checked.</summary>
    public static ColumnOrder Parse(string names) => TryParse(names, out var order) ? order : throw new FormatException(names);

    /// <summary>Reads names parted by commas.</summary>
    public static bool TryParse(string names, out ColumnOrder order) => TryParse(names.Split(','), out order);

    /// <summary>Reads names; t, x, y and p must be there once each, in any case, with common synonyms.</summary>
    public static bool TryParse(string[] names, out ColumnOrder order)
    {
        var time = Only(names, TimeNames);
        var x = Only(names, ["x"]);
        var y = Only(names, ["y"]);
        var on = Only(names, OnNames);
        order = new(time, x, y, on, Math.Max(Math.Max(time, x), Math.Max(y, on)) + 1);
        return time >= 0 && x >= 0 && y >= 0 && on >= 0;
    }

    private static int Only(string[] names, string[] synonyms)
    {
        var found = -1;
        for (var i = 0; i < names.Length; i++)
        {
            if (synonyms.Contains(names[i].Trim(' ', '\t', '"', '\''), StringComparer.OrdinalIgnoreCase))
            {
                found = found < 0 ? i : -2;
            }
        }
        return found;
    }
}
