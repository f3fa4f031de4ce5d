using System.Runtime.InteropServices;
using System.Text;

namespace MsVit.MLNet.Kernels;

/// <summary>Finds the functions of a native library by name.</summary>
internal readonly struct Exports(nint library, string name)
{
    /// <summary>The address of a function.</summary>
    /// <exception cref="CudaUnavailableException">The library has no such function.</exception>
    public nint this[string function] => NativeLibrary.TryGetExport(library, function, out var address)
        ? address
        : throw new CudaUnavailableException($"{name} has no function {function}.");
}

/// <summary>A C string: UTF-8 with a terminating zero, in unmanaged memory until it is disposed.</summary>
internal readonly unsafe struct CText(string text) : IDisposable
{
    private readonly nint _memory = Marshal.StringToCoTaskMemUTF8(text);

    public byte* Pointer => (byte*)_memory;

    public void Dispose() => Marshal.FreeCoTaskMem(_memory);

    /// <summary>Reads a C string.</summary>
    public static string Of(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";

    /// <summary>Reads a C string from a buffer.</summary>
    public static string Of(ReadOnlySpan<byte> buffer) => Encoding.UTF8.GetString(buffer).TrimEnd('\0').Trim();
}
