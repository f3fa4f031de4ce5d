using System.Text.Json;

namespace MsVit.MLNet.Sweep;

/// <summary>
/// Keeps trials in a database. Every operation is one transaction on its own connection, and is retried if the server was unavailable.
/// </summary>
internal sealed class SqlTrialStore : ITrialStore
{
    private readonly ISqlDialect _dialect;
    private readonly TransientRetry _retry;

    public SqlTrialStore(ISqlDialect dialect)
    {
        _dialect = dialect;
        _retry = new(dialect);
        try
        {
            _retry.Run(() =>
            {
                using var connection = dialect.Connect();
                SqlSchema.Prepare(connection, dialect);
                return true;
            }, timeout: TimeSpan.FromSeconds(10));
        }
        catch
        {
            dialect.Dispose();
            throw;
        }
    }

    public SweepRecord Open(string name, string space, string settings)
    {
        var found = _retry.Run(() =>
        {
            using var connection = _dialect.Connect();
            connection.Execute(
                $"""
                INSERT INTO msvit_sweep (name, space, settings, created) VALUES (@name, @space, @settings, {_dialect.Now})
                ON CONFLICT (name) DO NOTHING
                """,
                ("name", name), ("space", space), ("settings", settings));
            using var command = connection.Command(
                "SELECT id, name, space, settings, created FROM msvit_sweep WHERE name = @name", ("name", name));
            using var row = command.ExecuteReader();
            return row.Read()
                ? new SweepRecord(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3), SqlRows.Moment(row.GetDouble(4)))
                : throw new InvalidDataException($"{_dialect.Name}: the sweep '{name}' was deleted while it was being opened.");
        });
        SweepAgreement.Check(found, space, settings, _dialect.Name);
        return found;
    }

    public bool TryAdd(long sweep, int number, string parameters, int seed) => _retry.Run(() =>
    {
        using var connection = _dialect.Connect();
        return connection.Execute(
            """
            INSERT INTO msvit_trial (sweep, number, parameters, seed, state, attempts)
            VALUES (@sweep, @number, @parameters, @seed, 'Waiting', 0)
            ON CONFLICT (sweep, number) DO NOTHING
            """,
            ("sweep", sweep), ("number", number), ("parameters", parameters), ("seed", seed)) == 1;
    });

    public TrialClaim? Claim(long sweep, string worker, TimeSpan lease)
    {
        // Identifies a claim that succeeded although its response was lost.
        var operation = Guid.NewGuid().ToString("N");
        var retry = false;
        return _retry.Run(() =>
        {
            using var connection = _dialect.Connect();
            var number = retry
                ? connection.QueryInt(
                    "SELECT number FROM msvit_trial WHERE sweep = @sweep AND operation = @operation",
                    ("sweep", sweep), ("operation", operation))
                : null;
            retry = true;
            number ??= connection.QueryInt(
                $"""
                UPDATE msvit_trial
                SET state = 'Running', worker = @worker, operation = @operation, attempts = attempts + 1,
                    sign = {_dialect.Now}, started = coalesce(started, {_dialect.Now})
                WHERE sweep = @sweep AND number = (
                    SELECT number FROM msvit_trial
                    WHERE sweep = @sweep AND (state = 'Waiting' OR (state = 'Running' AND sign < {_dialect.Now} - @lease))
                    ORDER BY number LIMIT 1 {_dialect.LockRow})
                RETURNING number
                """,
                ("sweep", sweep), ("worker", worker), ("operation", operation), ("lease", lease.TotalSeconds));
            if (number is null)
            {
                return null;
            }
            var trial = TrialQuery.Run(connection, sweep, number, _dialect.Name).Single();
            return new TrialClaim(sweep, trial, worker, trial.Attempts);
        });
    }

    public bool Heartbeat(TrialClaim claim) => _retry.Run(() =>
    {
        using var connection = _dialect.Connect();
        return connection.Execute($"UPDATE msvit_trial SET sign = {_dialect.Now} WHERE {StillClaimed}", Of(claim)) == 1;
    });

    public bool Report(TrialClaim claim, TrialEpoch epoch) => _retry.Run(() =>
    {
        using var connection = _dialect.Connect();
        using var transaction = connection.BeginTransaction();
        if (connection.Execute($"UPDATE msvit_trial SET sign = {_dialect.Now} WHERE {StillClaimed}", Of(claim)) == 0)
        {
            return false;
        }
        connection.Execute(
            """
            INSERT INTO msvit_epoch (sweep, trial, epoch, accuracy, loss, seconds)
            VALUES (@sweep, @number, @epoch, @accuracy, @loss, @seconds)
            ON CONFLICT (sweep, trial, epoch) DO UPDATE SET accuracy = excluded.accuracy, loss = excluded.loss, seconds = excluded.seconds
            """,
            ("sweep", claim.Sweep), ("number", claim.Trial.Number), ("epoch", epoch.Epoch),
            ("accuracy", SqlRows.Number(epoch.Accuracy)), ("loss", SqlRows.Number(epoch.Loss)), ("seconds", SqlRows.Number(epoch.Seconds)));
        transaction.Commit();
        return true;
    });

    public bool Finish(
        TrialClaim claim,
        TrialState state,
        IReadOnlyDictionary<string, double> objectives,
        string? failure,
        string? modelPath) => _retry.Run(() =>
    {
        using var connection = _dialect.Connect();
        // The same attempt may finish again, because its first response may have been lost.
        return connection.Execute(
            $"""
            UPDATE msvit_trial
            SET state = @state, objectives = @objectives, failure = @failure, model = @model,
                finished = {_dialect.Now}, finished_by = @attempt
            WHERE sweep = @sweep AND number = @number AND attempts = @attempt AND (state = 'Running' OR finished_by = @attempt)
            """,
            [.. Of(claim), ("state", state.ToString()), ("objectives", Json(objectives)), ("failure", failure), ("model", modelPath)]) == 1;
    });

    public bool Release(TrialClaim claim) => _retry.Run(() =>
    {
        using var connection = _dialect.Connect();
        return connection.Execute($"UPDATE msvit_trial SET state = 'Waiting' WHERE {StillClaimed}", Of(claim)) == 1;
    });

    public void KeepModel(long sweep, int number, string? modelPath) => _retry.Run(() =>
    {
        using var connection = _dialect.Connect();
        return connection.Execute(
            "UPDATE msvit_trial SET model = @model WHERE sweep = @sweep AND number = @number",
            ("sweep", sweep), ("number", number), ("model", modelPath));
    });

    public IReadOnlyList<TrialRecord> Trials(long sweep) => _retry.Run(() =>
    {
        using var connection = _dialect.Connect();
        return TrialQuery.Run(connection, sweep, number: null, _dialect.Name);
    });

    public void Dispose() => _dialect.Dispose();

    // The rows that a claim still covers.
    private const string StillClaimed = "sweep = @sweep AND number = @number AND attempts = @attempt AND state = 'Running'";

    private static string Json(IReadOnlyDictionary<string, double> objectives) =>
        JsonSerializer.Serialize(objectives.Where(value => double.IsFinite(value.Value)).ToDictionary());

    private static (string Name, object? Value)[] Of(TrialClaim claim) =>
        [("sweep", claim.Sweep), ("number", claim.Trial.Number), ("attempt", claim.Attempt)];
}
