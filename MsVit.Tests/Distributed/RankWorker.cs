using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using MsVit.MLNet;
using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.Tests.Distributed;

/// <summary>What one rank of a test does, in a process of its own that a launcher of MPI has started.</summary>
internal static class RankWorker
{
    public const string Collectives = "collectives";
    public const string Throw = "throw";
    public const string Die = "die";
    public const string LeaveEarly = "leave-early";
    public const string Error = "error";
    public const string Places = "places";
    public const string Late = "late";
    public const string Stopped = "stopped";
    public const string Nccl = "nccl";
    public const string Fail = "fail";
    public const string NoNccl = "no-nccl";

    public const int Thrown = 4;

    public static int Run(string[] words)
    {
        RankGroup? group = null;
        try
        {
            NativeTorch.EnsureLoaded();
            group = Join(words);
            Do(group, words);
            group.Dispose();
            return 0;
        }
        catch (RankGroupException e) when (group is null)
        {
            Console.Error.WriteLine($"refused: {e.Message}");
            return 3;
        }
        catch (Exception e)
        {
            Console.Error.WriteLine($"failed: {e}");
            group?.Abort(Thrown);
            return Thrown;
        }
    }

    private static RankGroup Join(string[] words) => words switch
    {
        _ when TrainingWorker.Watch(words) is { } watch => RankGroup.Join(watch),
        [Late] => RankGroup.Join(new() { StallNotice = TimeSpan.FromSeconds(1), StallLimit = TimeSpan.FromSeconds(1.5) }),
        [Stopped] => RankGroup.Join(new() { StallNotice = TimeSpan.FromSeconds(1), StallLimit = TimeSpan.FromSeconds(1) }),
        [LeaveEarly] => MpiGroup.OfLauncher(new(), new() { LeavePatience = TimeSpan.FromSeconds(0.5) }),
        [Nccl, var library, ..] => MpiGroup.OfLauncher(new(), new()
        {
            Gpu = DeviceType.CPU,
            Libraries = () => new([], _ => NativeLibrary.Load(library)),
        }),
        [NoNccl] => MpiGroup.OfLauncher(new(), new() { Gpu = DeviceType.CPU, Libraries = () => new([], _ => 0) }),
        _ => MpiGroup.OfLauncher(new(), new() { MostElements = 1000 }),
    };

    private static void Do(RankGroup group, string[] words)
    {
        if (TrainingWorker.Does(group, words))
        {
            return;
        }
        var isSecond = group.Rank == 1;
        group.BeginStep(7);
        switch (words)
        {
            case [Collectives]:
                Check(group);
                break;
            case [Throw] when isSecond:
                throw new InvalidOperationException("a fault of this rank alone");
            case [Die] when isSecond:
                Process.GetCurrentProcess().Kill();
                break;
            case [LeaveEarly] when isSecond:
                break;
            case [Error]:
                group.Broadcast(new byte[isSecond ? 8 : 64]);
                break;
            case [Places]:
                Console.WriteLine(RunningMpiJob.Place(group));
                break;
            case [Late] when isSecond:
                Thread.Sleep(Timeout.Infinite);
                break;
            case [Stopped] when isSecond:
                using (Process.Start("kill", ["-STOP", Environment.ProcessId.ToString(CultureInfo.InvariantCulture)]))
                {
                    Thread.Sleep(Timeout.Infinite);
                }
                break;
            case [Nccl, var library]:
                SumOnGpu(group);
                // Its counters stay readable while the library is loaded.
                group.Dispose();
                Console.WriteLine($"sums {Counter("sums")}, left: contexts {Counter("contexts")}, events {Counter("events")}, "
                    + $"streams {Counter("streams")}, groups {Counter("groups")}");
                int Counter(string name) => Marshal.ReadInt32(NativeLibrary.GetExport(NativeLibrary.Load(library), name));
                break;
            case [Nccl, var library, Fail]:
                Marshal.WriteInt32(NativeLibrary.GetExport(NativeLibrary.Load(library), "fails"), 1);
                SumOnGpu(group);
                break;
            case [NoNccl]:
                SumOnGpu(group);
                SumOnGpu(group);
                Console.WriteLine("summed");
                break;
            default:
                group.Barrier();
                break;
        }
    }

    private static void SumOnGpu(RankGroup group)
    {
        using var scope = NewDisposeScope();
        var (a, b) = (full([3, 257], group.Rank + 1.0, dtype: float32), arange(5, dtype: float64) * (group.Rank + 1));
        var (first, second) = (group.BeginSum(a), group.BeginSum(b));
        while (!second.Poll())
        {
        }
        second.Wait();
        first.Wait();
        Expect(a.eq(Triangle(group)).all().item<bool>() && b.eq(arange(5) * Triangle(group)).all().item<bool>(), "sum");
        var c = ones(2, dtype: float32);
        group.Sum(c);
        Expect(c.eq(group.Size).all().item<bool>(), "second sum");
    }

    private static void Check(RankGroup group)
    {
        using var scope = NewDisposeScope();
        Span<double> values = [group.Rank + 1, 0.5];
        group.Sum(values);
        Expect(values[0] == Triangle(group) && values[1] == group.Size * 0.5, "sum of values");
        values = [group.Rank, -group.Rank];
        group.Max(values);
        Expect(values[0] == group.Size - 1 && values[1] == 0, "max");
        Expect(group.Any(group.Rank == group.Size - 1) && !group.Any(false), "any");

        // More than one MPI call each: the limit is 1,000 elements here.
        foreach (var type in new[] { ScalarType.Float32, ScalarType.Float64 })
        {
            var block = arange(2500, dtype: type) + group.Rank;
            group.Sum(block);
            Expect(block.eq((arange(2500) * group.Size) + (Triangle(group) - group.Size)).all().item<bool>(), $"sum of {type}");
        }
        group.Sum(zeros(0));
        Expect(Refuses(() => group.Sum(ones(3, dtype: int64))) && Refuses(() => group.Sum(ones(3, 4).t())), "refusal");

        // Sums beside other work, which end in another order.
        var blocks = Enumerable.Range(1, 3).Select(i => full(i * 1200, (double)i * (group.Rank + 1), dtype: float32)).ToArray();
        var sums = blocks.Select(group.BeginSum).ToArray();
        _ = rand(64, 64).mm(rand(64, 64));
        while (!sums[2].Poll())
        {
        }
        Array.ForEach(sums, sum => sum.Wait());
        Expect(sums.All(sum => sum.Poll()), "end of overlapped sums");
        for (var i = 0; i < blocks.Length; i++)
        {
            Expect(blocks[i].eq((i + 1) * Triangle(group)).all().item<bool>(), "overlapped sums");
        }

        var bytes = new byte[100_000];
        Array.Fill(bytes, (byte)(group.IsFirst ? 42 : group.Rank));
        group.Broadcast(bytes);
        Expect(bytes.All(each => each == 42), "broadcast");
        group.Barrier();

        // MPI's handlers of signals leave .NET its own.
        try
        {
            _ = ((string?)AppContext.GetData("nothing of this name"))!.Length;
            Expect(false, "null reference");
        }
        catch (NullReferenceException)
        {
        }
        Console.WriteLine(RunningMpiJob.Place(group));
    }

    private static bool Refuses(Action act)
    {
        try
        {
            act();
            return false;
        }
        catch (ArgumentException)
        {
            return true;
        }
    }

    private static double Triangle(RankGroup group) => group.Size * (group.Size + 1) / 2.0;

    private static void Expect(bool isRight, string what)
    {
        if (!isRight)
        {
            throw new InvalidOperationException($"wrong: {what}");
        }
    }
}
