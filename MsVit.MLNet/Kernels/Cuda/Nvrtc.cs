namespace MsVit.MLNet.Kernels;

/// <summary>NVRTC, NVIDIA's compiler for CUDA C++ as a library. It needs no GPU.</summary>
/// <param name="library">The loaded library, version 11.2 or later.</param>
internal sealed unsafe class Nvrtc(nint library)
{
    private readonly Exports _exports = new(library, "NVRTC");

    /// <summary>The architectures that it supports, such as 90 for compute capability 9.0, in ascending order.</summary>
    public IReadOnlyList<int> Architectures()
    {
        int count;
        Check(((delegate* unmanaged<int*, int>)_exports["nvrtcGetNumSupportedArchs"])(&count), "nvrtcGetNumSupportedArchs");
        var architectures = new int[count];
        fixed (int* first = architectures)
        {
            Check(((delegate* unmanaged<int*, int>)_exports["nvrtcGetSupportedArchs"])(first), "nvrtcGetSupportedArchs");
        }
        return [.. architectures.Order()];
    }

    /// <summary>Compiles a source text for a GPU.</summary>
    /// <param name="source">CUDA C++.</param>
    /// <param name="architecture">The GPU's compute capability, such as 90 for 9.0.</param>
    /// <param name="macros">Further options.</param>
    /// <returns>Machine code, or PTX for the driver to compile if the GPU is newer than the compiler.</returns>
    /// <exception cref="CudaUnavailableException">The source does not compile. The message contains the compiler's log.</exception>
    public byte[] Compile(string source, int architecture, IReadOnlyList<string> macros)
    {
        var known = Architectures();
        var isKnown = known.Contains(architecture);
        var nearest = isKnown ? architecture : known.LastOrDefault(each => each < architecture);
        if (nearest == 0)
        {
            throw new CudaUnavailableException(
                $"NVRTC compiles for compute capabilities {string.Join(", ", known)}; the GPU has the older {architecture}.");
        }
        using var text = new CText(source);
        using var name = new CText("lif.cu");
        nint program;
        Check(
            ((delegate* unmanaged<nint*, byte*, byte*, int, byte**, byte**, int>)_exports["nvrtcCreateProgram"])(
                &program, text.Pointer, name.Pointer, 0, null, null),
            "nvrtcCreateProgram");
        try
        {
            Compile(program, [$"--gpu-architecture={(isKnown ? "sm" : "compute")}_{nearest}", "--std=c++17", "--fmad=false", .. macros]);
            return Read(program, isKnown ? "nvrtcGetCUBIN" : "nvrtcGetPTX");
        }
        finally
        {
            _ = ((delegate* unmanaged<nint*, int>)_exports["nvrtcDestroyProgram"])(&program);
        }
    }

    private void Compile(nint program, IReadOnlyList<string> options)
    {
        var texts = options.Select(option => new CText(option)).ToArray();
        try
        {
            var pointers = stackalloc byte*[texts.Length];
            for (var i = 0; i < texts.Length; i++)
            {
                pointers[i] = texts[i].Pointer;
            }
            var result = ((delegate* unmanaged<nint, int, byte**, int>)_exports["nvrtcCompileProgram"])(program, texts.Length, pointers);
            if (result != 0)
            {
                var log = CText.Of(Read(program, "nvrtcGetProgramLog"));
                throw new CudaUnavailableException(
                    $"NVRTC does not compile the kernel ({Text(result)}) with {string.Join(' ', options)}: {log}");
            }
        }
        finally
        {
            Array.ForEach(texts, text => text.Dispose());
        }
    }

    // nvrtcGetX writes as many bytes as nvrtcGetXSize returns.
    private byte[] Read(nint program, string function)
    {
        nuint size;
        Check(((delegate* unmanaged<nint, nuint*, int>)_exports[function + "Size"])(program, &size), function + "Size");
        var buffer = new byte[size];
        fixed (byte* first = buffer)
        {
            Check(((delegate* unmanaged<nint, byte*, int>)_exports[function])(program, first), function);
        }
        return buffer;
    }

    private void Check(int result, string function)
    {
        if (result != 0)
        {
            throw new CudaUnavailableException($"{function} failed: {Text(result)}.");
        }
    }

    private string Text(int result) => CText.Of(((delegate* unmanaged<int, byte*>)_exports["nvrtcGetErrorString"])(result));
}
