using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>The processes that train one network together. Each is a rank.</summary>
/// <remarks>
/// Every rank must make the same calls in the same order; a call returns when all ranks have made it. Results are the same bits on all
/// ranks. <see cref="Alone"/> is one process without others: its calls do nothing and load nothing.
/// </remarks>
public abstract class RankGroup : IDisposable
{
    private protected RankGroup()
    {
    }

    /// <summary>One process without others. This is the default.</summary>
    public static RankGroup Alone { get; } = new LoneRank();

    /// <summary>
    /// Joins the ranks that a launcher started: mpirun or mpiexec of Open MPI, MPICH or an MPI like it, or srun. Returns
    /// <see cref="Alone"/> if this process was started without one, or as the only rank.
    /// </summary>
    /// <remarks>
    /// Call it once in a process, on all ranks, and dispose the group when all work is done. The MPI library is found by the launcher's
    /// environment variables. The environment variable <c>MSVIT_MPI</c> chooses another one, by file name or path, such as
    /// <c>libmpich.so.12</c>. CUDA tensors are summed by NCCL if all ranks have it; then each rank needs a GPU of its own.
    /// </remarks>
    /// <param name="options">How to watch for ranks that are late; null for the defaults.</param>
    /// <exception cref="RankGroupException">
    /// No MPI library was found, or it belongs to another MPI than the launcher. The message says what to do.
    /// </exception>
    public static RankGroup Join(RankGroupOptions? options = null) => MpiGroup.OfLauncher(options ?? new());

    /// <summary>The number of this process, 0 to <see cref="Size"/> - 1. Rank 0 prints, reports and saves.</summary>
    public abstract int Rank { get; }

    /// <summary>How many ranks there are.</summary>
    public abstract int Size { get; }

    /// <summary>The number of this process among those on its host, 0 to <see cref="LocalSize"/> - 1.</summary>
    public abstract int LocalRank { get; }

    /// <summary>How many ranks are on this host.</summary>
    public abstract int LocalSize { get; }

    /// <summary>The name of each rank's host, by rank.</summary>
    public abstract IReadOnlyList<string> Hosts { get; }

    /// <summary>Whether this is rank 0.</summary>
    public bool IsFirst => Rank == 0;

    /// <summary>Replaces each value by its sum over the ranks.</summary>
    internal abstract void Sum(Span<double> values);

    /// <summary>Replaces each value by the largest of all ranks.</summary>
    internal abstract void Max(Span<double> values);

    /// <summary>Replaces each value by its sum over the ranks.</summary>
    /// <param name="block">A contiguous tensor of float32 or float64, on the CPU or on this rank's GPU.</param>
    internal virtual void Sum(Tensor block) => BeginSum(block).Wait();

    /// <summary>Begins to replace each value by its sum over the ranks. The block must not be touched before the sum has ended.</summary>
    /// <param name="block">A contiguous tensor of float32 or float64, on the CPU or on this rank's GPU.</param>
    internal abstract IRankSum BeginSum(Tensor block);

    /// <summary>Gives all ranks the bytes of rank 0.</summary>
    internal abstract void Broadcast(Span<byte> data);

    /// <summary>Waits for all ranks.</summary>
    internal abstract void Barrier();

    /// <summary>Waits until rank 0 has done work that it alone does, however long that takes; the other ranks must be here.</summary>
    internal virtual void WaitForFirst() => Barrier();

    /// <summary>Notes the training step, from 1, for messages about late ranks. Does not wait.</summary>
    internal virtual void BeginStep(long step)
    {
    }

    /// <summary>
    /// Ends all ranks and this process, after an error that only this rank may have seen. It returns, without effect, if there are no
    /// others or the group was left.
    /// </summary>
    /// <param name="code">The exit code, not 0.</param>
    internal virtual void Abort(int code)
    {
    }

    /// <summary>Whether any rank says so.</summary>
    internal bool Any(bool value)
    {
        Span<double> values = [value ? 1 : 0];
        Max(values);
        return values[0] > 0;
    }

    /// <summary>
    /// The contiguous part of a number of things that belongs to a rank. Parts differ by one at most; the first are larger.
    /// </summary>
    /// <param name="count">How many things there are.</param>
    /// <param name="rank">The rank.</param>
    internal (int First, int End) Share(int count, int rank)
    {
        var (each, more) = (count / Size, count % Size);
        return ((each * rank) + Math.Min(rank, more), (each * (rank + 1)) + Math.Min(rank + 1, more));
    }

    /// <summary>Leaves the group.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Leaves the group.</summary>
    /// <param name="disposing">Whether <see cref="Dispose()"/> was called.</param>
    protected virtual void Dispose(bool disposing)
    {
    }

    private sealed class LoneRank : RankGroup
    {
        public override int Rank => 0;

        public override int Size => 1;

        public override int LocalRank => 0;

        public override int LocalSize => 1;

        public override IReadOnlyList<string> Hosts { get; } = [Environment.MachineName];

        internal override void Sum(Span<double> values)
        {
        }

        internal override void Max(Span<double> values)
        {
        }

        internal override IRankSum BeginSum(Tensor block) => EndedSum.Instance;

        internal override void Broadcast(Span<byte> data)
        {
        }

        internal override void Barrier()
        {
        }
    }
}

/// <summary>A sum over ranks that runs beside other work.</summary>
internal interface IRankSum
{
    /// <summary>Lets the sum go on, and says whether it has ended. Some engines only work while they are asked.</summary>
    bool Poll();

    /// <summary>Waits for the end.</summary>
    void Wait();
}

/// <summary>A sum that has ended.</summary>
internal sealed class EndedSum : IRankSum
{
    public static EndedSum Instance { get; } = new();

    /// <inheritdoc/>
    public bool Poll() => true;

    /// <inheritdoc/>
    public void Wait()
    {
    }
}
