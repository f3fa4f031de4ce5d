using MsVit.MLNet.Kernels;

namespace MsVit.MLNet;

/// <summary>A stream of work on a GPU, beside torch's own.</summary>
internal sealed unsafe class CudaStream : IDisposable
{
    private const uint NonBlocking = 1;
    private const uint DisableTiming = 2;
    private const int NotReady = 600;

    private readonly Exports _driver;
    private readonly nint _context;
    private readonly nint _ready;

    /// <param name="driver">The loaded CUDA driver.</param>
    /// <param name="device">The device, as torch counts.</param>
    public CudaStream(nint driver, int device)
    {
        _driver = new(driver, "the CUDA driver");
        _context = new CudaDriver(driver).Context(device);
        using var context = Use();
        nint stream;
        Check(((delegate* unmanaged<nint*, uint, int>)_driver["cuStreamCreate"])(&stream, NonBlocking), "cuStreamCreate");
        Handle = stream;
        _ready = NewEvent();
    }

    /// <summary>CUDA's handle of the stream.</summary>
    public nint Handle { get; }

    /// <summary>Makes torch's context on the device that of the calling thread, until the result is disposed.</summary>
    public Scope Use()
    {
        Check(((delegate* unmanaged<nint, int>)_driver["cuCtxPushCurrent_v2"])(_context), "cuCtxPushCurrent");
        return new(_driver);
    }

    /// <summary>Lets what follows on this stream wait for all that torch has queued so far.</summary>
    public void WaitForTorch()
    {
        Record(_ready, stream: 0);
        Check(((delegate* unmanaged<nint, nint, uint, int>)_driver["cuStreamWaitEvent"])(Handle, _ready, 0), "cuStreamWaitEvent");
    }

    /// <summary>A mark behind all that was queued on this stream so far.</summary>
    public nint Mark()
    {
        var mark = NewEvent();
        Record(mark, Handle);
        return mark;
    }

    /// <summary>Whether the stream has passed a mark.</summary>
    public bool IsPast(nint mark)
    {
        var result = ((delegate* unmanaged<nint, int>)_driver["cuEventQuery"])(mark);
        Check(result == NotReady ? 0 : result, "cuEventQuery");
        return result == 0;
    }

    public void Remove(nint mark) => Check(((delegate* unmanaged<nint, int>)_driver["cuEventDestroy_v2"])(mark), "cuEventDestroy");

    public void Dispose()
    {
        using var context = Use();
        Remove(_ready);
        Check(((delegate* unmanaged<nint, int>)_driver["cuStreamDestroy_v2"])(Handle), "cuStreamDestroy");
    }

    private nint NewEvent()
    {
        nint created;
        Check(((delegate* unmanaged<nint*, uint, int>)_driver["cuEventCreate"])(&created, DisableTiming), "cuEventCreate");
        return created;
    }

    private void Record(nint mark, nint stream) =>
        Check(((delegate* unmanaged<nint, nint, int>)_driver["cuEventRecord"])(mark, stream), "cuEventRecord");

    private void Check(int result, string function)
    {
        if (result != 0)
        {
            byte* text = null;
            _ = ((delegate* unmanaged<int, byte**, int>)_driver["cuGetErrorString"])(result, &text);
            throw new RankGroupException($"{function} failed with error {result}{(text is null ? "" : $", {CText.Of(text)}")}.");
        }
    }

    /// <summary>A context that is in use.</summary>
    internal readonly struct Scope(Exports driver) : IDisposable
    {
        public void Dispose()
        {
            nint context;
            _ = ((delegate* unmanaged<nint*, int>)driver["cuCtxPopCurrent_v2"])(&context);
        }
    }
}
