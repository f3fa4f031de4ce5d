namespace MsVit.MLNet.Events;

/// <summary>The numbers in the first rows of a file whose columns have no names.</summary>
/// <param name="rows">The first rows, at most <see cref="MaxRows"/>, all of the same number of columns.</param>
internal sealed class ColumnSample(IReadOnlyList<double[]> rows)
{
    /// <summary>The most rows that are looked at.</summary>
    public const int MaxRows = 1024;

    /// <summary>The number of rows.</summary>
    public int Rows => rows.Count;

    /// <summary>The number of columns.</summary>
    public int Width { get; } = rows.Count == 0 ? 0 : rows.Min(row => row.Length);

    /// <summary>The figures of a column.</summary>
    public ColumnFigures Figures(int column)
    {
        var (min, max, back, previous) = (double.PositiveInfinity, double.NegativeInfinity, 0, double.NegativeInfinity);
        var (whole, thousandths, far) = (true, true, 0);
        var values = new HashSet<double>();
        foreach (var row in rows)
        {
            var value = row[column];
            (min, max) = (Math.Min(min, value), Math.Max(max, value));
            back += value < previous ? 1 : 0;
            far += value is < 0 or > ColumnFigures.LargestUsualCoordinate ? 1 : 0;
            previous = value;
            whole &= value == Math.Floor(value);
            // As close to a multiple as a double can be.
            thousandths &= Math.Abs((value * 1000) - Math.Round(value * 1000)) <= Math.Abs(value) * 1e-11;
            values.Add(value);
        }
        return new(rows.Count, min, max, back, values.Count, far)
        {
            IsWhole = whole,
            IsWholeThousandths = thousandths,
            IsSigns = values.All(value => value is -1 or 0 or 1),
        };
    }
}

/// <summary>What the first values of a column look like.</summary>
/// <param name="Rows">The number of values.</param>
/// <param name="Min">The smallest.</param>
/// <param name="Max">The largest.</param>
/// <param name="StepsBack">How many are smaller than the one before.</param>
/// <param name="Distinct">How many are different.</param>
/// <param name="Far">How many cannot be coordinates of a usual camera.</param>
internal sealed record ColumnFigures(int Rows, double Min, double Max, int StepsBack, int Distinct, int Far)
{
    /// <summary>Above the side of any event camera.</summary>
    public const int LargestUsualCoordinate = 16_383;

    /// <summary>The figures of no values.</summary>
    public static ColumnFigures None { get; } = new(0, 0, 0, 0, 0, 0) { IsWhole = true, IsWholeThousandths = true, IsSigns = true };

    // Fewer rows may look like anything.
    private const int FewRows = 16;

    public required bool IsWhole { get; init; }

    /// <summary>Whether all values are whole numbers of thousandths.</summary>
    public required bool IsWholeThousandths { get; init; }

    /// <summary>Whether all values are -1, 0 or 1.</summary>
    public required bool IsSigns { get; init; }

    /// <summary>Whether the values rise nearly always, as times do.</summary>
    public bool MayBeTime => Rows < FewRows || (StepsBack <= Rows / 4 && !(Distinct <= 2 && StepsBack > 0));

    /// <summary>Whether the values rise and are not a polarity.</summary>
    public bool IsSureTime => MayBeTime && Distinct > 2 && (Rows >= FewRows || StepsBack == 0);

    /// <summary>Whether the values are small whole numbers, but for a stray event in fifty.</summary>
    public bool MayBeCoordinate => IsWhole && Far <= Rows / 50;

    public bool MayBePolarity => IsSigns || Distinct <= 2;

    /// <summary>Whether the values go back as often as numbers that have no order.</summary>
    public bool IsNoTime => Rows >= FewRows && StepsBack > Rows / 3;

    /// <summary>Whether most values are too large for a coordinate.</summary>
    public bool IsNoCoordinate => Rows >= FewRows && Far > Rows / 2;

    /// <summary>Whether there are too many values for a polarity.</summary>
    public bool IsNoPolarity => Rows >= FewRows && Distinct > FewRows;
}
