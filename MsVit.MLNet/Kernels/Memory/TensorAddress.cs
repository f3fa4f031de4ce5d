using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>The address of a tensor's first element in the memory of its device. TorchSharp publishes it only for the CPU.</summary>
internal static unsafe class TensorAddress
{
    private static readonly delegate* unmanaged<nint, nint> Data = (delegate* unmanaged<nint, nint>)NativeLibrary.GetExport(
        NativeLibrary.Load("LibTorchSharp", typeof(torch).Assembly, null), "THSTensor_data");

    /// <summary>The address, valid while the tensor lives.</summary>
    public static nint Of(Tensor tensor)
    {
        var address = Data(tensor.Handle);
        return address != 0 ? address : throw new InvalidOperationException("The tensor has no memory of its own on its device.");
    }
}
