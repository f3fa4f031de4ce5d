namespace MsVit.MLNet.Kernels;

/// <summary>The kernels cannot be had on this machine; the message says in one line what is missing or what failed.</summary>
internal sealed class CudaUnavailableException : Exception
{
    public CudaUnavailableException(string message)
        : base(message)
    {
    }

    public CudaUnavailableException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
