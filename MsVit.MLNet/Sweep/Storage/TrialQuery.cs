using System.Data.Common;

namespace MsVit.MLNet.Sweep;

/// <summary>Reads trials with their curves.</summary>
internal static class TrialQuery
{
    /// <summary>Returns the trials of a sweep by number, or only one of them.</summary>
    /// <param name="connection">The open connection.</param>
    /// <param name="sweep">The sweep's id.</param>
    /// <param name="number">The trial; null for all.</param>
    /// <param name="store">The database's name in messages.</param>
    public static List<TrialRecord> Run(DbConnection connection, long sweep, int? number, string store)
    {
        var curves = Curves(connection, sweep, number);
        var trials = new List<TrialRecord>();
        using var command = connection.Command(
            $"SELECT {SqlRows.TrialColumns} FROM msvit_trial WHERE sweep = @sweep AND number BETWEEN @first AND @last ORDER BY number",
            Bounds(sweep, number));
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            var trial = SqlRows.Trial(row, store);
            trials.Add(curves.TryGetValue(trial.Number, out var curve) ? trial with { Curve = curve } : trial);
        }
        return trials;
    }

    private static Dictionary<int, List<TrialEpoch>> Curves(DbConnection connection, long sweep, int? number)
    {
        var curves = new Dictionary<int, List<TrialEpoch>>();
        using var command = connection.Command(
            """
            SELECT trial, epoch, accuracy, loss, seconds FROM msvit_epoch
            WHERE sweep = @sweep AND trial BETWEEN @first AND @last ORDER BY trial, epoch
            """,
            Bounds(sweep, number));
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            if (!curves.TryGetValue(row.GetInt32(0), out var curve))
            {
                curves.Add(row.GetInt32(0), curve = []);
            }
            curve.Add(new(row.GetInt32(1), SqlRows.Number(row, 2), SqlRows.Number(row, 3), SqlRows.Number(row, 4)));
        }
        return curves;
    }

    private static (string, object?)[] Bounds(long sweep, int? number) =>
        [("sweep", sweep), ("first", number ?? 0), ("last", number ?? int.MaxValue)];
}
