namespace MsVit.MLNet;

/// <summary>Makes torch's threads sleep sooner while they wait for each other.</summary>
/// <remarks>
/// GNU's OpenMP spins 300,000 times at every barrier, about a millisecond, and Intel's for 200 ms. If other processes use the cores as
/// well, a spinning thread keeps the thread that it waits for from running, and small networks become many times slower. The library
/// reads its setting once, when torch is loaded. A setting made by the user is kept.
/// </remarks>
internal static class OpenMpWaiting
{
    public static void Shorten()
    {
        if (Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") is not null)
        {
            return;
        }
        if (OperatingSystem.IsWindows())
        {
            // In milliseconds.
            NativeEnvironment.SetDefault("KMP_BLOCKTIME", "1");
        }
        else
        {
            NativeEnvironment.SetDefault("GOMP_SPINCOUNT", "1000");
        }
    }
}
