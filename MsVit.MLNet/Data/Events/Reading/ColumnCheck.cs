using static System.FormattableString;

namespace MsVit.MLNet.Events;

/// <summary>Checks that the first rows look like t,x,y,p where nobody stated the order, and finds the order that they look like.</summary>
/// <remarks>A guess is never used: x and y cannot be told apart by their values, so the user has to confirm the order.</remarks>
internal static class ColumnCheck
{
    // With x before y; the usual ones first.
    private static readonly ColumnOrder[] Others =
    [
        .. new[] { "x,y,p,t", "x,y,t,p", "t,p,x,y", "p,x,y,t", "t,x,p,y", "x,p,y,t", "x,t,y,p", "p,t,x,y", "p,x,t,y", "x,t,p,y", "x,p,t,y" }
            .Select(names => ColumnOrder.TryParse(names, out var order) ? order : ColumnOrder.Usual),
    ];

    /// <summary>Says why the rows are not t,x,y,p; null if they may be.</summary>
    /// <returns>The problem and, if another order fits, that order.</returns>
    public static (string Problem, Remedy Remedy)? Problem(ColumnSample sample)
    {
        if (sample.Width < ColumnOrder.Usual.Count)
        {
            return null;
        }
        ColumnFigures[] columns = [.. Enumerable.Range(0, ColumnOrder.Usual.Count).Select(sample.Figures)];
        if (Fits(ColumnOrder.Usual))
        {
            return null;
        }
        var fitting = Others.Where(order => Fits(order) && columns[order.Time].IsSureTime)
            .OrderByDescending(order => columns[order.Time].Max - columns[order.Time].Min).FirstOrDefault();
        if (fitting is not null)
        {
            return ($"{Reason(columns)}, so the columns are not t,x,y,p. The values look like {fitting}.",
                ReadingRemedies.TheseColumns(fitting.ToString()));
        }
        return columns[0].IsNoTime || columns[1].IsNoCoordinate || columns[2].IsNoCoordinate || columns[3].IsNoPolarity
            ? ($"{Reason(columns)}, so the columns are probably not t,x,y,p.", ReadingRemedies.NameColumns)
            : null;

        bool Fits(ColumnOrder order) => columns[order.Time].MayBeTime && columns[order.X].MayBeCoordinate
            && columns[order.Y].MayBeCoordinate && columns[order.On].MayBePolarity;
    }

    private static string Reason(ColumnFigures[] columns)
    {
        var (t, x, y, p) = (columns[0], columns[1], columns[2], columns[3]);
        return !t.MayBeTime && t.Distinct <= 2 ? Invariant($"the times are only {t.Min} and {t.Max}")
            : !t.MayBeTime ? Invariant($"the times step back in {t.StepsBack} of the first {t.Rows} rows")
            : !x.MayBeCoordinate ? Invariant($"x is from {x.Min} to {x.Max}")
            : !y.MayBeCoordinate ? Invariant($"y is from {y.Min} to {y.Max}")
            : Invariant($"the polarity has {p.Distinct} different values from {p.Min} to {p.Max}");
    }
}
