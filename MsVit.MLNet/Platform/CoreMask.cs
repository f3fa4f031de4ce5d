using System.Diagnostics;
using System.Globalization;
using System.Numerics;

namespace MsVit.MLNet;

/// <summary>The sets of cores that processes may use, as bit masks.</summary>
internal static class CoreMask
{
    /// <summary>The cores that this process may use, at least one.</summary>
    public static BigInteger OfThisProcess()
    {
        if (OperatingSystem.IsLinux())
        {
            var mask = OfStatus("/proc/self/status");
            return mask.IsZero ? FirstCores() : mask;
        }
        if (OperatingSystem.IsWindows())
        {
            using var process = Process.GetCurrentProcess();
            return (ulong)process.ProcessorAffinity;
        }
        return FirstCores();

        // A process whose set is unknown is taken to use the first cores, as the others do.
        static BigInteger FirstCores() => (BigInteger.One << Environment.ProcessorCount) - 1;
    }

    /// <summary>The cores that the process which started this one may use and that are online; 0 if that is not known.</summary>
    public static BigInteger OfParent()
    {
        const string Online = "/sys/devices/system/cpu/online";
        return OperatingSystem.IsLinux() && File.Exists(Online)
            ? OfStatus($"/proc/{Line("/proc/self/status", "PPid:")}/status") & OfList(File.ReadAllText(Online))
            : 0;
    }

    /// <summary>How many cores a mask has.</summary>
    public static int Count(BigInteger mask) => (int)BigInteger.PopCount(mask);

    /// <summary>Parses a mask in hexadecimal digits; 0 if it is none.</summary>
    // A leading 0 keeps the first digit from being read as a sign.
    public static BigInteger Parse(string text) =>
        BigInteger.TryParse("0" + text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var mask) ? mask : 0;

    /// <summary>Parses a list of cores as Linux writes it: 0-3,8.</summary>
    public static BigInteger OfList(string text)
    {
        var mask = BigInteger.Zero;
        foreach (var range in text.Trim().Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            int[] ends = [.. range.Split('-').Select(end => int.Parse(end, CultureInfo.InvariantCulture))];
            for (var core = ends[0]; core <= ends[^1]; core++)
            {
                mask |= BigInteger.One << core;
            }
        }
        return mask;
    }

    // Linux writes a mask as ff,ffffffff.
    private static BigInteger OfStatus(string file) => Parse(Line(file, "Cpus_allowed:").Replace(",", "", StringComparison.Ordinal));

    // Empty if the process has ended, or there is no such line.
    private static string Line(string file, string key)
    {
        try
        {
            return File.ReadLines(file).FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal))?[key.Length..].Trim() ?? "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
