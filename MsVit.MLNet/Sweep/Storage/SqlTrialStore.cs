using System.Data.Common;
using System.Globalization;
using System.Text.Json;

namespace MsVit.MLNet.Sweep.Storage;

/// <summary>Trials in a database. Every operation is one transaction on a connection of its own, and is tried again when the server was away.</summary>
internal sealed class SqlTrialStore : ITrialStore
{
    private readonly ISqlDialect _dialect;
    private readonly PassingFaults _faults;

    public SqlTrialStore(ISqlDialect dialect)
    {
        _dialect = dialect;
        _faults = new(dialect);
        try
        {
            _faults.Try(() =>
            {
                using var connection = dialect.Connect();
                SqlSchema.Prepare(connection, dialect);
                return true;
            }, patience: TimeSpan.FromSeconds(10));
        }
        catch
        {
            dialect.Dispose();
            throw;
        }
    }

    public SweepRecord Open(string name, string space, string settings)
    {
        var found = _faults.Try(() =>
        {
            using var connection = _dialect.Connect();
            Run(connection, $"INSERT INTO msvit_sweep (name, space, settings, created) VALUES (@name, @space, @settings, {_dialect.Now}) ON CONFLICT (name) DO NOTHING",
                ("name", name), ("space", space), ("settings", settings));
            using var command = Command(connection, "SELECT id, name, space, settings, created FROM msvit_sweep WHERE name = @name", ("name", name));
            using var row = command.ExecuteReader();
            return row.Read()
                ? new SweepRecord(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3), SqlRows.Moment(row.GetDouble(4)))
                : throw new InvalidDataException($"{_dialect.Name}: the sweep '{name}' was deleted while it was opened.");
        });
        SweepAgreement.Check(found, space, settings);
        return found;
    }

    public bool TryAdd(long sweep, int number, string parameters, int seed) => _faults.Try(() =>
    {
        using var connection = _dialect.Connect();
        return Run(connection,
            "INSERT INTO msvit_trial (sweep, number, parameters, seed, state, attempts) VALUES (@sweep, @number, @parameters, @seed, 'Waiting', 0) ON CONFLICT (sweep, number) DO NOTHING",
            ("sweep", sweep), ("number", number), ("parameters", parameters), ("seed", seed)) == 1;
    });

    public TrialClaim? Claim(long sweep, string worker, TimeSpan lease)
    {
        // By it a claim is found again whose answer was lost on the way.
        var operation = Guid.NewGuid().ToString("N");
        var retry = false;
        return _faults.Try(() =>
        {
            using var connection = _dialect.Connect();
            var number = retry ? Number(connection, "SELECT number FROM msvit_trial WHERE sweep = @sweep AND operation = @operation", ("sweep", sweep), ("operation", operation)) : null;
            retry = true;
            number ??= Number(connection,
                $"""
                UPDATE msvit_trial SET state = 'Running', worker = @worker, operation = @operation, attempts = attempts + 1, sign = {_dialect.Now}, started = coalesce(started, {_dialect.Now})
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
            var trial = Read(connection, sweep, number).Single();
            return new TrialClaim(sweep, trial, worker, trial.Attempts);
        });
    }

    public bool Heartbeat(TrialClaim claim) => _faults.Try(() =>
    {
        using var connection = _dialect.Connect();
        return Run(connection, $"UPDATE msvit_trial SET sign = {_dialect.Now} WHERE {Held}", Of(claim)) == 1;
    });

    public bool Report(TrialClaim claim, TrialEpoch epoch) => _faults.Try(() =>
    {
        using var connection = _dialect.Connect();
        using var transaction = connection.BeginTransaction();
        if (Run(connection, $"UPDATE msvit_trial SET sign = {_dialect.Now} WHERE {Held}", Of(claim)) == 0)
        {
            return false;
        }
        Run(connection,
            """
            INSERT INTO msvit_epoch (sweep, trial, epoch, accuracy, loss, seconds) VALUES (@sweep, @number, @epoch, @accuracy, @loss, @seconds)
            ON CONFLICT (sweep, trial, epoch) DO UPDATE SET accuracy = excluded.accuracy, loss = excluded.loss, seconds = excluded.seconds
            """,
            ("sweep", claim.Sweep), ("number", claim.Trial.Number), ("epoch", epoch.Epoch),
            ("accuracy", SqlRows.Number(epoch.Accuracy)), ("loss", SqlRows.Number(epoch.Loss)), ("seconds", SqlRows.Number(epoch.Seconds)));
        transaction.Commit();
        return true;
    });

    public bool Finish(TrialClaim claim, TrialState state, IReadOnlyDictionary<string, double> objectives, string? failure, string? modelPath) => _faults.Try(() =>
    {
        using var connection = _dialect.Connect();
        // What this attempt has finished it may finish again: the first answer may have been lost.
        return Run(connection,
            $"""
            UPDATE msvit_trial SET state = @state, objectives = @objectives, failure = @failure, model = @model, finished = {_dialect.Now}, finished_by = @attempt
            WHERE sweep = @sweep AND number = @number AND attempts = @attempt AND (state = 'Running' OR finished_by = @attempt)
            """,
            [.. Of(claim), ("state", state.ToString()), ("objectives", JsonSerializer.Serialize(objectives.Where(value => double.IsFinite(value.Value)).ToDictionary())), ("failure", failure), ("model", modelPath)]) == 1;
    });

    public bool Release(TrialClaim claim) => _faults.Try(() =>
    {
        using var connection = _dialect.Connect();
        return Run(connection, $"UPDATE msvit_trial SET state = 'Waiting' WHERE {Held}", Of(claim)) == 1;
    });

    public void KeepModel(long sweep, int number, string? modelPath) => _faults.Try(() =>
    {
        using var connection = _dialect.Connect();
        return Run(connection, "UPDATE msvit_trial SET model = @model WHERE sweep = @sweep AND number = @number", ("sweep", sweep), ("number", number), ("model", modelPath));
    });

    public IReadOnlyList<TrialRecord> Trials(long sweep) => _faults.Try(() =>
    {
        using var connection = _dialect.Connect();
        return Read(connection, sweep, null);
    });

    public void Dispose() => _dialect.Dispose();

    // The rows that a claim still holds.
    private const string Held = "sweep = @sweep AND number = @number AND attempts = @attempt AND state = 'Running'";

    private static (string Name, object? Value)[] Of(TrialClaim claim) => [("sweep", claim.Sweep), ("number", claim.Trial.Number), ("attempt", claim.Attempt)];

    private List<TrialRecord> Read(DbConnection connection, long sweep, int? number)
    {
        var one = number is null ? "" : string.Create(CultureInfo.InvariantCulture, $" AND {{0}} = {number}");
        var curves = new Dictionary<int, List<TrialEpoch>>();
        using (var command = Command(connection,
            $"SELECT trial, epoch, accuracy, loss, seconds FROM msvit_epoch WHERE sweep = @sweep{string.Format(CultureInfo.InvariantCulture, one, "trial")} ORDER BY trial, epoch", ("sweep", sweep)))
        using (var row = command.ExecuteReader())
        {
            while (row.Read())
            {
                if (!curves.TryGetValue(row.GetInt32(0), out var curve))
                {
                    curves.Add(row.GetInt32(0), curve = []);
                }
                curve.Add(new(row.GetInt32(1), SqlRows.Number(row, 2), SqlRows.Number(row, 3), SqlRows.Number(row, 4)));
            }
        }
        var trials = new List<TrialRecord>();
        using (var command = Command(connection,
            $"SELECT {SqlRows.TrialColumns} FROM msvit_trial WHERE sweep = @sweep{string.Format(CultureInfo.InvariantCulture, one, "number")} ORDER BY number", ("sweep", sweep)))
        using (var row = command.ExecuteReader())
        {
            while (row.Read())
            {
                var trial = SqlRows.Trial(row, _dialect.Name);
                trials.Add(curves.TryGetValue(trial.Number, out var curve) ? trial with { Curve = curve } : trial);
            }
        }
        return trials;
    }

    private static int? Number(DbConnection connection, string sql, params ReadOnlySpan<(string, object?)> values)
    {
        using var command = Command(connection, sql, values);
        return command.ExecuteScalar() is { } found ? Convert.ToInt32(found, CultureInfo.InvariantCulture) : null;
    }

    private static int Run(DbConnection connection, string sql, params ReadOnlySpan<(string, object?)> values)
    {
        using var command = Command(connection, sql, values);
        return command.ExecuteNonQuery();
    }

    private static DbCommand Command(DbConnection connection, string sql, params ReadOnlySpan<(string Name, object? Value)> values)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in values)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value ?? DBNull.Value);
            command.Parameters.Add(parameter);
        }
        return command;
    }
}
