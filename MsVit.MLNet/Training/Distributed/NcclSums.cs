using System.Runtime.InteropServices;
using MsVit.MLNet.Kernels;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Sums of CUDA tensors by NCCL, NVIDIA's library for several GPUs.</summary>
/// <remarks>
/// Sums run on a stream of their own, beside the backward pass. Torch's stream is the default one (see <see cref="CudaDriver"/>); an event
/// makes a sum wait for the work before it. The work after it is queued only once the sum has ended, because <see cref="IRankSum.Wait"/>
/// holds the caller until then: a lost rank is noticed there, and not in torch.
/// </remarks>
internal sealed unsafe class NcclSums : IGpuSums
{
    /// <summary>The length of NCCL's identifier of a group.</summary>
    public const int IdBytes = 128;

    private const int Float32 = 7;
    private const int Float64 = 8;
    private const int SumOperation = 0;
    private const int InProgress = 7;

    private readonly Exports _nccl;
    private readonly nint _driver;
    private CudaStream? _stream;
    private StallWatch? _watch;
    private string _caller = "";
    private nint _group;

    private NcclSums(nint nccl, nint driver)
    {
        (_nccl, _driver) = (new(nccl, "NCCL"), driver);
    }

    /// <summary>Finds NCCL and the driver.</summary>
    /// <param name="libraries">Where to look.</param>
    /// <param name="failure">Why there is none.</param>
    public static NcclSums? Find(CudaLibraries libraries, out string failure)
    {
        try
        {
            failure = "";
            return new(libraries.Nccl(), libraries.Driver());
        }
        catch (CudaUnavailableException e)
        {
            failure = e.Message;
            return null;
        }
    }

    /// <summary>A new identifier. One rank makes it, all ranks join with it.</summary>
    public byte[] NewId()
    {
        Id id;
        Check(((delegate* unmanaged<Id*, int>)_nccl["ncclGetUniqueId"])(&id), "ncclGetUniqueId");
        return new ReadOnlySpan<byte>(&id, IdBytes).ToArray();
    }

    /// <summary>Joins the ranks that have the same identifier. Waits for all.</summary>
    public void Join(int device, byte[] id, int rank, int size, StallWatch watch, string caller)
    {
        (_watch, _caller) = (watch, caller);
        _stream = new(_driver, device);
        using var context = _stream.Use();
        nint group = 0;
        var join = (delegate* unmanaged<nint*, int, Id, int, int>)_nccl["ncclCommInitRank"];
        Check(join(&group, size, MemoryMarshal.Read<Id>(id), rank), "ncclCommInitRank");
        _group = group;
    }

    public IRankSum Begin(Tensor block, bool isDouble)
    {
        var count = block.numel();
        if (count == 0)
        {
            return EndedSum.Instance;
        }
        var call = _watch!.Begin();
        using var context = _stream!.Use();
        _stream.WaitForTorch();
        var at = TensorAddress.Of(block);
        var sum = (delegate* unmanaged<nint, nint, nuint, int, int, nint, nint, int>)_nccl["ncclAllReduce"];
        Check(sum(at, at, (nuint)count, isDouble ? Float64 : Float32, SumOperation, _group, _stream.Handle), "ncclAllReduce");
        return new NcclSum(this, call, _stream.Mark());
    }

    public void Dispose()
    {
        if (_stream is null)
        {
            return;
        }
        using (_stream.Use())
        {
            // Destroying waits for sums that were begun; aborting does not.
            var leave = (delegate* unmanaged<nint, int>)_nccl[HasFailed ? "ncclCommAbort" : "ncclCommDestroy"];
            _ = _group == 0 ? 0 : leave(_group);
        }
        _stream.Dispose();
        _stream = null;
    }

    private bool HasFailed { get; set; }

    private bool HasEnded(nint mark)
    {
        int error;
        Check(((delegate* unmanaged<nint, int*, int>)_nccl["ncclCommGetAsyncError"])(_group, &error), "ncclCommGetAsyncError");
        Check(error == InProgress ? 0 : error, "ncclAllReduce");
        return _stream!.IsPast(mark);
    }

    private void Check(int result, string function)
    {
        if (result != 0)
        {
            HasFailed = true;
            var text = CText.Of(((delegate* unmanaged<int, byte*>)_nccl["ncclGetErrorString"])(result));
            throw new RankGroupException($"{_caller}: {function} failed: {text} (NCCL error {result}). NCCL_DEBUG=WARN prints more.");
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Id
    {
        public fixed byte Bytes[IdBytes];
    }

    private sealed class NcclSum(NcclSums sums, long call, nint mark) : IRankSum
    {
        private bool _hasEnded;

        public bool Poll()
        {
            if (!_hasEnded)
            {
                using var context = sums._stream!.Use();
                if (sums.HasEnded(mark))
                {
                    _hasEnded = true;
                    sums._stream.Remove(mark);
                }
            }
            return _hasEnded;
        }

        public void Wait()
        {
            if (Poll())
            {
                return;
            }
            using var wait = sums._watch!.WaitFor(RankCall.Sum, call);
            var spin = new SpinWait();
            while (!Poll())
            {
                // A sleep of a millisecond would often be longer than the sum.
                spin.SpinOnce(sleep1Threshold: -1);
            }
        }
    }
}
