using System.Runtime.InteropServices;

namespace MsVit.Tests.Support;

/// <summary>Errors as the runtime and TorchSharp throw them.</summary>
internal static class NativeErrors
{
#pragma warning disable CA2201 // They stand for those that native code causes.
    /// <summary>What .NET makes of a C++ exception that native code lets through on Windows.</summary>
    public static SEHException WithoutText() => new();

    /// <summary>What TorchSharp makes of a C++ exception that it catches.</summary>
    public static ExternalException WithText(string text) => new(text);
#pragma warning restore CA2201
}
