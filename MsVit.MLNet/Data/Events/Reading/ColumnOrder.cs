namespace MsVit.MLNet.Events;

/// <summary>The column indices of an event's values, from 0, and the minimum number of columns in a row.</summary>
internal sealed record ColumnOrder(int Time, int X, int Y, int On, int Count)
{
    private static readonly string[] TimeNames = ["t", "time", "times", "ts", "timestamp", "timestamps"];
    private static readonly string[] XNames = ["x", "xs", "x_pos", "xpos", "pos_x", "x_coordinate"];
    private static readonly string[] YNames = ["y", "ys", "y_pos", "ypos", "pos_y", "y_coordinate"];
    private static readonly string[] OnNames = ["p", "ps", "pol", "pols", "polarity", "polarities", "on"];

    private static readonly (string Ending, EventTimeUnit Unit)[] Units =
    [
        ("ns", EventTimeUnit.Nanoseconds), ("us", EventTimeUnit.Microseconds), ("ms", EventTimeUnit.Milliseconds),
        ("s", EventTimeUnit.Seconds), ("sec", EventTimeUnit.Seconds), ("seconds", EventTimeUnit.Seconds),
        ("nanoseconds", EventTimeUnit.Nanoseconds), ("microseconds", EventTimeUnit.Microseconds),
        ("milliseconds", EventTimeUnit.Milliseconds),
    ];

    /// <summary>The usual order, t,x,y,p.</summary>
    public static ColumnOrder Usual { get; } = new(0, 1, 2, 3, 4);

    /// <summary>The unit in the name of the time column, such as microseconds in t_us or t [us]; null if there is none.</summary>
    public EventTimeUnit? Unit { get; init; }

    /// <summary>Parses names separated by commas.</summary>
    public static bool TryParse(string names, out ColumnOrder order) => TryParse(names.Split(','), out order);

    /// <summary>Parses names. Each of t, x, y and p must occur exactly once; case is ignored and common synonyms are accepted.</summary>
    public static bool TryParse(IReadOnlyList<string> names, out ColumnOrder order)
    {
        var parts = names.Select(Parts).ToArray();
        var bare = parts.Select(part => part.Name).ToArray();
        var (time, x, y, on) = (Only(bare, TimeNames), Only(bare, XNames), Only(bare, YNames), Only(bare, OnNames));
        order = new(time, x, y, on, Math.Max(Math.Max(time, x), Math.Max(y, on)) + 1) { Unit = time < 0 ? null : parts[time].Unit };
        return time >= 0 && x >= 0 && y >= 0 && on >= 0;
    }

    /// <summary>The names of the first four columns, such as x,y,p,t.</summary>
    public override string ToString()
    {
        var names = new[] { (Time, "t"), (X, "x"), (Y, "y"), (On, "p") };
        return string.Join(',', Enumerable.Range(0, Count).Select(column =>
            names.Where(name => name.Item1 == column).Select(name => name.Item2).FirstOrDefault("-")));
    }

    // A name without quotes, and the unit after it: t_us, t [us], t(us), t us.
    private static (string Name, EventTimeUnit? Unit) Parts(string text)
    {
        var name = text.Trim(' ', '\t', '"', '\'', '#').ToLowerInvariant();
        var at = name.LastIndexOfAny(['_', ' ', '[', '(']);
        if (at > 0)
        {
            var ending = name[(at + 1)..].TrimEnd(']', ')');
            foreach (var (known, unit) in Units)
            {
                if (ending == known)
                {
                    return (name[..at].TrimEnd('_', ' ', '[', '('), unit);
                }
            }
        }
        return (name, null);
    }

    private static int Only(string[] names, string[] synonyms)
    {
        var found = -1;
        for (var i = 0; i < names.Length; i++)
        {
            if (synonyms.Contains(names[i], StringComparer.Ordinal))
            {
                found = found < 0 ? i : -2;
            }
        }
        return found;
    }
}
