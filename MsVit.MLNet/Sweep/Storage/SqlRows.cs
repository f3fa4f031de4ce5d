using System.Data.Common;
using System.Text.Json;

namespace MsVit.MLNet.Sweep;

/// <summary>Reads trials from rows. Other programs may have written invalid ones.</summary>
internal static class SqlRows
{
    /// <summary>The columns of a trial, in the order in which <see cref="Trial"/> reads them.</summary>
    public const string TrialColumns = "number, parameters, seed, state, attempts, worker, objectives, failure, model, started, finished";

    private const int LongestText = 1 << 20;

    /// <summary>A trial without its curve.</summary>
    /// <exception cref="InvalidDataException">The row is invalid; the message names the store and the trial.</exception>
    public static TrialRecord Trial(DbDataReader row, string store)
    {
        try
        {
            return new()
            {
                Number = row.GetInt32(0),
                Parameters = Checked<Dictionary<string, string>>(row.GetString(1)),
                Seed = row.GetInt32(2),
                State = State(row.GetString(3)),
                Attempts = row.GetInt32(4),
                Worker = Text(row, 5),
                Objectives = Text(row, 6) is { } objectives
                    ? JsonSerializer.Deserialize<Dictionary<string, double>>(objectives)!
                    : new Dictionary<string, double>(),
                Failure = Text(row, 7),
                ModelPath = Text(row, 8),
                Started = Time(row, 9),
                Finished = Time(row, 10),
            };
        }
        catch (Exception e) when (e is FormatException or JsonException or InvalidCastException or OverflowException or ArgumentException)
        {
            throw new InvalidDataException($"{store}: trial {row.GetValue(0)} is damaged: {e.Message}", e);
        }
    }

    /// <summary>A number; NaN if it is missing.</summary>
    public static double Number(DbDataReader row, int column) => row.IsDBNull(column) ? double.NaN : row.GetDouble(column);

    /// <summary>A number as stored. Not every database can store NaN and infinities, so they become NULL.</summary>
    public static object Number(double value) => double.IsFinite(value) ? value : DBNull.Value;

    public static DateTimeOffset Moment(double seconds) => DateTimeOffset.UnixEpoch + TimeSpan.FromSeconds(seconds);

    private static TrialState State(string text) =>
        Enum.TryParse<TrialState>(text, out var state) && Enum.IsDefined(state)
            ? state
            : throw new FormatException($"its state is '{text}'");

    private static string? Text(DbDataReader row, int column) =>
        row.IsDBNull(column) ? null
        : row.GetString(column) is { Length: <= LongestText } text ? text
        : throw new FormatException("a text has more than a million characters");

    private static DateTimeOffset? Time(DbDataReader row, int column) => row.IsDBNull(column) ? null : Moment(row.GetDouble(column));

    private static string Checked<T>(string json) =>
        JsonSerializer.Deserialize<T>(json) is not null ? json : throw new FormatException("its parameters are null");
}
