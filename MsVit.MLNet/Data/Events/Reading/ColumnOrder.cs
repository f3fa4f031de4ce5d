namespace MsVit.MLNet.Events;

/// <summary>The column indices of an event's values, from 0, and the minimum number of columns in a row.</summary>
internal sealed record ColumnOrder(int Time, int X, int Y, int On, int Count)
{
    private static readonly string[] TimeNames = ["t", "time", "ts", "timestamp"];
    private static readonly string[] OnNames = ["p", "pol", "polarity", "on"];

    /// <summary>Parses valid names.</summary>
    public static ColumnOrder Parse(string names) => TryParse(names, out var order) ? order : throw new FormatException(names);

    /// <summary>Parses names separated by commas.</summary>
    public static bool TryParse(string names, out ColumnOrder order) => TryParse(names.Split(','), out order);

    /// <summary>Parses names. Each of t, x, y and p must occur exactly once; case is ignored and common synonyms are accepted.</summary>
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
