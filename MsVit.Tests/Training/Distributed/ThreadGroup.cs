using System.Runtime.ExceptionServices;
using MsVit.MLNet;
using static TorchSharp.torch;

namespace MsVit.Tests.Training.Distributed;

/// <summary>Ranks that are threads of this process. All get the same bits; a rank that throws releases the others.</summary>
/// <remarks>
/// They get an exception then. Calls that do not match, such as a sum on one rank and a broadcast on another, are an exception too.
/// </remarks>
internal sealed class ThreadGroup : RankGroup
{
    private readonly Meeting _meeting;
    private long _calls, _before;

    private ThreadGroup(Meeting meeting, int rank) => (_meeting, Rank) = (meeting, rank);

    public override int Rank { get; }

    public override int Size => _meeting.Size;

    public override int LocalRank => Rank;

    public override int LocalSize => Size;

    public override IReadOnlyList<string> Hosts => [.. Enumerable.Range(0, Size).Select(rank => $"host-{rank}")];

    /// <summary>Sums of tensors that this rank has begun.</summary>
    public int SumsBegun { get; private set; }

    /// <summary>The steps that this rank has begun.</summary>
    public List<long> Steps { get; } = [];

    /// <summary>The calls since the first of these steps that the other ranks must make too.</summary>
    public long Calls => _calls - _before;

    /// <summary>Called when this rank begins a sum of tensors; null (the default) for nothing.</summary>
    public Action? Begun { get; set; }

    /// <summary>Runs something on each rank.</summary>
    /// <param name="size">How many ranks there are.</param>
    /// <param name="run">What each of them does.</param>
    /// <returns>The results, by rank.</returns>
    public static T[] Run<T>(int size, Func<ThreadGroup, T> run)
    {
        var (meeting, results, faults) = (new Meeting(size), new T[size], new Exception?[size]);
        Thread[] threads = [.. Enumerable.Range(0, size).Select(rank => new Thread(() =>
        {
            try
            {
                using var group = new ThreadGroup(meeting, rank);
                results[rank] = run(group);
                meeting.Leave(rank, "has ended");
            }
            catch (Exception e)
            {
                faults[rank] = e;
                meeting.Leave(rank, "has thrown");
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        // Those that were only released say less.
        if (faults.OfType<Exception>().OrderBy(fault => fault is RankLostException).FirstOrDefault() is { } first)
        {
            ExceptionDispatchInfo.Throw(first);
        }
        return results;
    }

    internal override void BeginStep(long step)
    {
        _before = Steps.Count == 0 ? _calls : _before;
        Steps.Add(step);
    }

    internal override void Sum(Span<double> values) => Replace("sum", values, static (a, b) => a + b);

    internal override void Max(Span<double> values) => Replace("max", values, Math.Max);

    internal override IRankSum BeginSum(Tensor block)
    {
        Assert.True(block.is_contiguous() && (block.dtype == float32 || block.dtype == float64), $"{block.dtype}");
        SumsBegun++;
        Begun?.Invoke();
        var begun = _meeting.Begin(_calls++, Rank, $"sum of {block.dtype} [{block.numel()}]", block, static parts =>
        {
            using var gradientFree = no_grad();
            using var scope = NewDisposeScope();
            var sum = ((Tensor)parts[0]).clone();
            foreach (var part in parts.Skip(1))
            {
                sum.add_((Tensor)part);
            }
            foreach (var part in parts)
            {
                ((Tensor)part).copy_(sum);
            }
            return parts;
        });
        return new Pending(begun);
    }

    internal override void Broadcast(Span<byte> data)
    {
        var first = (byte[])_meeting.Begin(
            _calls++, Rank, $"broadcast of {data.Length} bytes", data.ToArray(), static parts => parts[0]).Result();
        first.CopyTo(data);
    }

    internal override void Barrier() => _meeting.Begin(_calls++, Rank, "barrier", "", static parts => parts).Result();

    private void Replace(string what, Span<double> values, Func<double, double, double> combine)
    {
        var all = (double[])_meeting.Begin(_calls++, Rank, $"{what} of {values.Length} numbers", values.ToArray(), parts =>
            parts.Cast<double[]>().Aggregate((a, b) => [.. a.Zip(b, combine)])).Result();
        all.CopyTo(values);
    }

    private sealed class Pending(Meeting.Call call) : IRankSum
    {
        public bool Poll() => call.IsDone;

        public void Wait() => call.Result();
    }

    // The calls of all ranks by number. The last rank to make a call computes its result.
    private sealed class Meeting(int size)
    {
        private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

        private readonly Lock _lock = new();
        private readonly Dictionary<long, Call> _open = [];
        private readonly List<string> _left = [];

        public int Size => size;

        public Call Begin(long number, int rank, string what, object part, Func<object[], object> compute)
        {
            lock (_lock)
            {
                if (!_open.TryGetValue(number, out var call))
                {
                    _open[number] = call = new(size, what);
                }
                if (call.What != what)
                {
                    _left.Add($"rank {rank} makes a {what} where another makes a {call.What}");
                }
                if (_left.Count > 0)
                {
                    Break();
                    return call;
                }
                call.Parts[rank] = part;
                if (++call.Arrived == size)
                {
                    _open.Remove(number);
                    call.End(compute(call.Parts));
                }
                return call;
            }
        }

        public void Leave(int rank, string why)
        {
            lock (_lock)
            {
                _left.Add($"rank {rank} {why}");
                Break();
            }
        }

        private void Break()
        {
            foreach (var call in _open.Values)
            {
                call.Fail(new RankLostException($"A {call.What} cannot end: {string.Join(", ", _left)}."));
            }
        }

        public sealed class Call(int size, string what)
        {
            private readonly TaskCompletionSource<object> _result = new();

            public string What => what;

            public object[] Parts { get; } = new object[size];

            public int Arrived { get; set; }

            public bool IsDone => _result.Task.IsCompleted;

            public void End(object result) => _result.SetResult(result);

            public void Fail(Exception fault) => _result.TrySetException(fault);

            public object Result() => _result.Task.WaitAsync(Limit).GetAwaiter().GetResult();
        }
    }
}

/// <summary>Another rank has left, so this one cannot continue.</summary>
internal sealed class RankLostException(string message) : Exception(message);
