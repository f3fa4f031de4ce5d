namespace MsVit.MLNet;

/// <summary>The kinds of calls in which a rank may wait for others.</summary>
internal enum RankCall : byte
{
    /// <summary>None: the rank computes.</summary>
    None,
    SetUp,
    Sum,
    Max,
    Broadcast,
    Barrier,
    First,
    Leave,
}

/// <summary>How far a rank has come.</summary>
/// <param name="Calls">How many calls of the group it has begun.</param>
/// <param name="Step">The training step; 0 before the first.</param>
/// <param name="Waits">The call in which it waits.</param>
internal readonly record struct RankProgress(long Calls, long Step, RankCall Waits);

/// <summary>Asks the other ranks without MPI, which is silent while a call waits.</summary>
internal interface IRankInquiry
{
    /// <summary>The progress of each rank; null for one that does not answer. May take seconds.</summary>
    IReadOnlyList<RankProgress?> Ask();

    /// <summary>Tells the other ranks that the job ends.</summary>
    void TellEnd();
}

/// <summary>Notices when a call waits too long, names the ranks that are late, and ends the process after a limit.</summary>
/// <remarks>
/// Every rank makes the same calls, so a rank is late if it has begun fewer of them. Of the waiting ranks that reach each other, the
/// first one speaks. MPI_Abort has no part in this: it may wait for the same lost connection.
/// </remarks>
internal sealed class StallWatch : IDisposable
{
    // How much longer the other waiting ranks leave it to the first one to end the job.
    private static readonly TimeSpan Courtesy = TimeSpan.FromSeconds(30);

    private const int NamedRanks = 4;

    private readonly int _rank;
    private readonly IReadOnlyList<string> _hosts;
    private readonly RankGroupOptions _options;
    private readonly TimeProvider _time;
    private readonly IRankInquiry _others;
    private readonly Action _end;
    private readonly ManualResetEventSlim _closed = new();

    private long _calls;
    private long _step;
    private volatile Waiting? _waiting;

    /// <param name="rank">The rank of this process.</param>
    /// <param name="hosts">The host of each rank.</param>
    /// <param name="options">The times, and who hears the lines.</param>
    /// <param name="time">The clock.</param>
    /// <param name="others">Asks the others.</param>
    /// <param name="end">Ends this process at once.</param>
    public StallWatch(int rank, IReadOnlyList<string> hosts, RankGroupOptions options, TimeProvider time, IRankInquiry others, Action end)
    {
        (_rank, _hosts, _options, _time, _others, _end) = (rank, hosts, options, time, others, end);
    }

    /// <summary>How far this rank has come.</summary>
    public RankProgress Progress =>
        new(Interlocked.Read(ref _calls), Interlocked.Read(ref _step), _waiting?.Kind ?? RankCall.None);

    /// <summary>Notes the training step, from 1.</summary>
    public void BeginStep(long step) => Interlocked.Exchange(ref _step, step);

    /// <summary>Notes a call that does not wait.</summary>
    /// <returns>Its number.</returns>
    public long Begin() => Interlocked.Increment(ref _calls);

    /// <summary>Notes a call that waits until the result is disposed.</summary>
    public Waiting Wait(RankCall kind) => WaitFor(kind, Begin());

    /// <summary>Notes that this rank leaves. The others may still make calls, so leaving is not one.</summary>
    public Waiting WaitToLeave() => WaitFor(RankCall.Leave, Interlocked.Read(ref _calls) + 1);

    /// <summary>Notes that this rank waits for the end of a call.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="call">Its number.</param>
    public Waiting WaitFor(RankCall kind, long call) => _waiting = new(this, kind, call, _time.GetTimestamp());

    /// <summary>Watches from a thread of its own.</summary>
    public void Start()
    {
        var pause = TimeSpan.FromSeconds(Math.Clamp(_options.StallNotice.TotalSeconds / 4, 0.05, 1));
        new Thread(() =>
        {
            while (!_closed.Wait(pause))
            {
                Check();
            }
        })
        { IsBackground = true, Name = "msvit stall watch" }.Start();
    }

    /// <summary>Looks at how long the current call has waited.</summary>
    public void Check()
    {
        if (_waiting is not { } waiting)
        {
            return;
        }
        var waited = _time.GetElapsedTime(waiting.Since);
        var isOver = waited >= _options.StallLimit;
        if (!isOver && (waited < _options.StallNotice || waiting.WasAsked))
        {
            return;
        }
        waiting.WasAsked = true;
        var all = _others.Ask();
        if (_waiting != waiting || IsPatient(waiting, all))
        {
            return;
        }
        if (!IsSpeaker(waiting, all) && !(waited >= _options.StallLimit + Courtesy))
        {
            return;
        }
        waiting.WasNamed = true;
        var end = isOver ? " This is the limit for stalls, so the job ends. Started again, it resumes from its last checkpoint." : "";
        _options.Notice($"{Name(_rank)} has waited {waited.TotalSeconds:0} s for {CallText(waiting.Kind, Interlocked.Read(ref _step))}. "
            + $"{Late(waiting, all)}{end}");
        if (isOver)
        {
            _others.TellEnd();
            _end();
        }
    }

    /// <summary>A rank that waits in a call that this one has not begun, described; null for none.</summary>
    public string? WhoNeedsThis()
    {
        var own = Interlocked.Read(ref _calls);
        var all = _others.Ask();
        for (var rank = 0; rank < all.Count; rank++)
        {
            if (all[rank] is { } other && other.Calls > own && other.Waits is not (RankCall.None or RankCall.Leave))
            {
                return $"{Name(rank)} waits for it in {CallText(other.Waits, other.Step)}";
            }
        }
        return null;
    }

    public void Dispose() => _closed.Set();

    private static string CallText(RankCall call, long step)
    {
        var name = call switch
        {
            RankCall.SetUp => "the setup",
            RankCall.Max => "a maximum",
            RankCall.Broadcast => "a broadcast",
            RankCall.Barrier => "a barrier",
            RankCall.First => "rank 0",
            RankCall.Leave => "the end of the job",
            _ => "a sum",
        };
        return step > 0 && call != RankCall.Leave ? $"{name} in step {step}" : name;
    }

    // A rank that has nothing left to do waits as long as the others are at work, and where all wait for rank 0, as long as it is.
    private static bool IsPatient(Waiting waiting, IReadOnlyList<RankProgress?> all) => waiting.Kind switch
    {
        RankCall.Leave => all.All(other => other is not null),
        RankCall.First => all[0] is { Waits: RankCall.None }
            && all.Skip(1).All(other => other is { } rank && HasJoined(waiting, rank)),
        _ => false,
    };

    private static bool HasJoined(Waiting waiting, RankProgress other) =>
        other.Calls >= waiting.Call || (waiting.Kind == RankCall.Leave && other.Waits == RankCall.Leave);

    private bool IsSpeaker(Waiting waiting, IReadOnlyList<RankProgress?> all) =>
        !all.Take(_rank).Any(other => other is { Waits: not RankCall.None } && HasJoined(waiting, other.Value));

    private string Late(Waiting waiting, IReadOnlyList<RankProgress?> all)
    {
        var late = Enumerable.Range(0, all.Count).Where(rank => all[rank] is not { } other || !HasJoined(waiting, other)).ToArray();
        if (late.Length == 0)
        {
            return "All ranks have joined it, so the network or the MPI library does not complete it.";
        }
        var named = late.Take(NamedRanks).Select(rank => all[rank] is not { } other
                ? $"{Name(rank)} does not answer: its process or host has stopped, or the network to it is down."
            : other.Waits == RankCall.None
                ? $"{Name(rank)} is late: it still computes{(other.Step > 0 ? $" in step {other.Step}" : "")}."
            : $"{Name(rank)} is late: it waits for {CallText(other.Waits, other.Step)}.");
        var more = late.Length > NamedRanks ? $" So are {late.Length - NamedRanks} more ranks." : "";
        return string.Join(' ', named) + more;
    }

    private string Name(int rank) => $"Rank {rank} on {_hosts[rank]}";

    private void End(Waiting waiting)
    {
        _waiting = null;
        if (waiting.WasNamed)
        {
            _options.Notice($"{Name(_rank)} no longer waits, after {_time.GetElapsedTime(waiting.Since).TotalSeconds:0} s.");
        }
    }

    /// <summary>A call that waits.</summary>
    internal sealed class Waiting(StallWatch watch, RankCall kind, long call, long since) : IDisposable
    {
        public RankCall Kind => kind;

        public long Call => call;

        public long Since => since;

        /// <summary>Whether the others were asked about this call.</summary>
        public bool WasAsked { get; set; }

        /// <summary>Whether this rank has named the late ones.</summary>
        public bool WasNamed { get; set; }

        public void Dispose() => watch.End(this);
    }
}
