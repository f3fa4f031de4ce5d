using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using MsVit.MLNet.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>The ranks that a launcher of MPI started. CPU tensors and control go over MPI, CUDA tensors over NCCL.</summary>
internal sealed unsafe class MpiGroup : RankGroup
{
    private const int HostBytes = 256;
    private const int MostBytes = 1 << 30;

    private static readonly TimeSpan AbortPatience = TimeSpan.FromSeconds(5);

    private readonly MpiLibrary _mpi;
    private readonly nint _ranks;
    private readonly nint _leaving;
    private readonly ProgressSocket _socket = new();
    private readonly StallWatch _watch;
    private readonly MpiGroupSettings _settings;
    private readonly RankGroupOptions _options;
    private IGpuSums? _gpu;
    private bool _hasLeft;
    private bool _hasEnded;

    /// <summary>Joins. All ranks must do so.</summary>
    /// <param name="mpi">The library, started.</param>
    /// <param name="launch">The launcher.</param>
    /// <param name="options">How to watch.</param>
    /// <param name="settings">What tests replace.</param>
    /// <exception cref="RankGroupException">The library does not see the ranks that the launcher started.</exception>
    public MpiGroup(MpiLibrary mpi, Launch launch, RankGroupOptions options, MpiGroupSettings settings)
    {
        (_mpi, _options, _settings) = (mpi, options, settings);
        Size = mpi.Size(mpi.World);
        if (launch.Size is { } size ? size != Size : Size == 1)
        {
            mpi.End();
            throw new RankGroupException(launch.Mismatch(Size, mpi.Version));
        }
        Rank = mpi.Rank(mpi.World);
        var host = mpi.Host;
        mpi.Caller = $"Rank {Rank} on {host}";
        (_ranks, _leaving) = (mpi.Duplicate(mpi.World), mpi.Duplicate(mpi.World));
        var local = mpi.OnThisHost(mpi.World);
        (LocalRank, LocalSize) = (mpi.Rank(local), mpi.Size(local));
        var name = new byte[HostBytes];
        Encoding.UTF8.GetEncoder().Convert(host, name, flush: true, out _, out _, out _);
        Hosts = [.. mpi.Gather(name, Size, _ranks).Chunk(HostBytes).Select(each => CText.Of(each))];

        _watch = new(Rank, Hosts, options, TimeProvider.System, _socket, () => ProcessExit.Now(ProcessExit.Stalled));
        Span<byte> secret = stackalloc byte[sizeof(Guid)];
        RandomNumberGenerator.Fill(secret);
        Broadcast(secret);
        var addresses = mpi.Gather(_socket.Address, Size, _ranks);
        _socket.Start(new(secret), Rank, addresses, () => _watch.Progress, () => ProcessExit.Now(ProcessExit.Stalled));
        _watch.Start();
    }

    public override int Rank { get; }

    public override int Size { get; }

    public override int LocalRank { get; }

    public override int LocalSize { get; }

    public override IReadOnlyList<string> Hosts { get; }

    /// <summary>Joins the group of the launcher that started this process; <see cref="RankGroup.Alone"/> if none did.</summary>
    public static RankGroup OfLauncher(RankGroupOptions options, MpiGroupSettings? settings = null)
    {
        if (Launch.Of(Environment.GetEnvironmentVariable) is not { } launch)
        {
            return Alone;
        }
        // UCX, which MPICH uses, takes over SIGSEGV, by which .NET finds null references.
        NativeEnvironment.SetDefault("UCX_ERROR_SIGNALS", "");
        var mpi = MpiLibrary.Load(launch, Environment.GetEnvironmentVariable(Launch.Chosen), Load);
        var group = new MpiGroup(mpi, launch, options, settings ?? new());
        if (group.IsFirst && launch.Binding(CoreMask.OfThisProcess(), CoreMask.OfParent(), group.LocalSize) is { } binding)
        {
            options.Notice(binding);
        }
        return group;

        static nint Load(string name) => NativeLibrary.TryLoad(name, out var library) ? library : 0;
    }

    internal override void BeginStep(long step) => _watch.BeginStep(step);

    internal override void Sum(Span<double> values)
    {
        using var wait = _watch.Wait(RankCall.Sum);
        fixed (double* first = values)
        {
            SumChunks((nint)first, values.Length, isDouble: true);
        }
    }

    internal override void Max(Span<double> values)
    {
        using var wait = _watch.Wait(RankCall.Max);
        fixed (double* first = values)
        {
            _mpi.Max(first, values.Length, _ranks);
        }
    }

    internal override void Sum(Tensor block)
    {
        if (block.device_type == _settings.Gpu)
        {
            BeginSum(block).Wait();
            return;
        }
        var isDouble = IsDouble(block);
        using var wait = _watch.Wait(RankCall.Sum);
        SumChunks(Address(block), block.numel(), isDouble);
    }

    internal override IRankSum BeginSum(Tensor block) => block.device_type == _settings.Gpu
        ? (_gpu ??= FindGpuSums(block.device_index)).Begin(block, IsDouble(block))
        : BeginSumOnCpu(block);

    internal override void Broadcast(Span<byte> data)
    {
        using var wait = _watch.Wait(RankCall.Broadcast);
        fixed (byte* first = data)
        {
            for (var from = 0L; from < data.Length; from += MostBytes)
            {
                _mpi.Broadcast(first + from, (int)Math.Min(MostBytes, data.Length - from), _ranks);
            }
        }
    }

    internal override void Barrier()
    {
        using var wait = _watch.Wait(RankCall.Barrier);
        _mpi.Barrier(_ranks);
    }

    internal override void WaitForFirst()
    {
        using var wait = _watch.Wait(RankCall.First);
        _mpi.Barrier(_ranks);
    }

    internal override void Abort(int code)
    {
        if (_hasEnded)
        {
            return;
        }
        // MPI_Abort may wait for a connection that is lost.
        var abort = new Thread(() => _mpi.Abort(code)) { IsBackground = true };
        abort.Start();
        abort.Join(AbortPatience);
        ProcessExit.Now(code);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_hasLeft)
        {
            _hasLeft = true;
            Leave();
            _watch.Dispose();
            _socket.Dispose();
        }
        base.Dispose(disposing);
    }

    private static bool IsDouble(Tensor block) =>
        !block.is_contiguous() ? throw new ArgumentException("Only a contiguous tensor can be summed over the ranks.", nameof(block))
        : block.dtype switch
        {
            ScalarType.Float32 => false,
            ScalarType.Float64 => true,
            var other => throw new ArgumentException(
                $"Tensors of {other} cannot be summed over the ranks; float32 and float64 can.", nameof(block)),
        };

    private static nint Address(Tensor block) =>
        block.numel() == 0 ? 0
        : block.device_type == DeviceType.CPU ? TensorAddress.Of(block)
        : throw new ArgumentException(
            $"Tensors on {block.device} cannot be summed over the ranks; those on CPU and CUDA can.", nameof(block));

    private void SumChunks(nint at, long count, bool isDouble)
    {
        for (var from = 0L; from < count; from += _settings.MostElements)
        {
            var first = (byte*)at + (from * (isDouble ? sizeof(double) : sizeof(float)));
            _mpi.Sum(first, (int)Math.Min(_settings.MostElements, count - from), isDouble, _ranks);
        }
    }

    private MpiSum BeginSumOnCpu(Tensor block)
    {
        var isDouble = IsDouble(block);
        var call = _watch.Begin();
        var (at, count, most) = (Address(block), block.numel(), _settings.MostElements);
        var requests = new nint[(count + most - 1) / most];
        for (var i = 0; i < requests.Length; i++)
        {
            var from = (long)i * most;
            requests[i] = _mpi.BeginSum(
                (byte*)at + (from * (isDouble ? sizeof(double) : sizeof(float))), (int)Math.Min(most, count - from), isDouble, _ranks);
        }
        return new MpiSum(this, call, requests);
    }

    // All ranks come here with their first sum on a GPU. NCCL serves all or none.
    private IGpuSums FindGpuSums(int device)
    {
        var nccl = NcclSums.Find(_settings.Libraries(), out var failure);
        Span<double> lacking = [nccl is null ? -Rank : -Size];
        Max(lacking);
        if (-lacking[0] < Size)
        {
            if (Rank == -lacking[0])
            {
                _options.Notice($"NCCL cannot be used on rank {Rank} on {Hosts[Rank]}: {failure} Sums go through the memory of the CPU, "
                    + "which is much slower. Install NCCL (libnccl.so.2) on every host.");
            }
            return new HostSums(BeginSumOnCpu);
        }
        var id = new byte[NcclSums.IdBytes];
        if (Rank == 0)
        {
            id = nccl!.NewId();
        }
        Broadcast(id);
        using var wait = _watch.Wait(RankCall.SetUp);
        try
        {
            nccl!.Join(device, id, Rank, Size, _watch, _mpi.Caller);
            return nccl;
        }
        catch (CudaUnavailableException e)
        {
            throw new RankGroupException($"{_mpi.Caller}: {e.Message}", e);
        }
    }

    private void Leave()
    {
        // After a failed call, or without the others, MPI_Finalize may wait forever. The launcher notices the end of the process.
        if (!_mpi.HasFailed)
        {
            WaitForAllToLeave();
            _gpu?.Dispose();
            // All ranks are here, so nothing is lost if this takes too long. MPICH 4.0 over TCP sometimes waits forever: one rank asks
            // for an answer of another, which is one step further and reads no messages any more.
            var end = Task.Factory.StartNew(_mpi.End, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            _hasEnded = true;
            if (Task.WaitAny([end], _settings.LeavePatience) == 0)
            {
                end.GetAwaiter().GetResult();
            }
        }
    }

    private void WaitForAllToLeave()
    {
        using var wait = _watch.WaitToLeave();
        var request = _mpi.BeginBarrier(_leaving);
        var lastAsked = TimeProvider.System.GetTimestamp();
        while (!_mpi.Test(ref request))
        {
            // MPI offers no wait that leaves the core to others.
            Thread.Sleep(1);
            if (TimeProvider.System.GetElapsedTime(lastAsked) < _settings.LeavePatience)
            {
                continue;
            }
            lastAsked = TimeProvider.System.GetTimestamp();
            if (_watch.WhoNeedsThis() is { } other)
            {
                _options.Notice($"{_mpi.Caller} leaves the group too early: {other}. The job ends.");
                Abort(1);
            }
        }
    }

    private sealed class MpiSum(MpiGroup group, long call, nint[] requests) : IRankSum
    {
        private int _ended;

        public bool Poll()
        {
            while (_ended < requests.Length && group._mpi.Test(ref requests[_ended]))
            {
                _ended++;
            }
            return _ended == requests.Length;
        }

        public void Wait()
        {
            using var wait = group._watch.WaitFor(RankCall.Sum, call);
            for (; _ended < requests.Length; _ended++)
            {
                group._mpi.Wait(requests[_ended]);
            }
        }
    }
}

/// <summary>What tests replace in a group over MPI.</summary>
internal sealed record MpiGroupSettings
{
    /// <summary>The most elements of one MPI call, which counts in 32 bits.</summary>
    public int MostElements { get; init; } = 1 << 28;

    /// <summary>How long a rank that leaves waits before it asks whether another one waits for it, and between two questions.</summary>
    public TimeSpan LeavePatience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Where tensors lie that are summed by NCCL.</summary>
    public DeviceType Gpu { get; init; } = DeviceType.CUDA;

    /// <summary>Finds NCCL and the CUDA driver.</summary>
    public Func<CudaLibraries> Libraries { get; init; } = CudaLibraries.OfThisProcess;
}
