using System.Reflection.PortableExecutable;
using MsVit.MLNet;
using MsVit.Tests.Support;

namespace MsVit.Tests.Platform;

public sealed class ImportCheckTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_library_lists_what_it_needs_and_what_it_has()
    {
        var image = PeImage.Read(_folder.Write("a.dll", PeBytes.Library(
            [("b.dll", "malloc, #12"), ("c.dll", "free")], "run, stop=b.halt", Machine.Arm64)));
        Assert.Equal(Machine.Arm64, image.Machine);
        Assert.Equal(["b.dll: malloc #12", "c.dll: free"],
            image.Imports.Select(import => $"{import.Library}: {string.Join(' ', import.Symbols)}"));
        Assert.Equal(new Dictionary<string, string?> { ["#1"] = null, ["#2"] = "b.halt", ["run"] = null, ["stop"] = "b.halt" },
            image.Exports);
    }

    [Fact]
    public void Nothing_is_wrong_where_all_libraries_and_functions_are_there()
    {
        Write("c10.dll", [("api-ms-win-crt-heap-l1-1-0.dll", "malloc")], "alloc, first");
        Write("torch_cpu.dll", [("C10.DLL", "alloc, #2")], "add, old=c10.alloc");
        Assert.Empty(Check([("torch_cpu.dll", "add, old"), ("c10.dll", "first")]));
    }

    [Fact]
    public void A_missing_C_runtime_is_named_with_what_to_install()
    {
        var problem = Assert.Single(Check([("MSVCP140.dll", "_Mtx_lock")]));
        Assert.Equal("LibTorchSharp.dll needs MSVCP140.dll, which is not on this computer: "
            + "install the Microsoft Visual C++ runtime (14.42 or later).", problem.Message);
        Assert.True(problem.IsOfRuntime);
    }

    [Fact]
    public void A_library_that_another_one_needs_is_missing_as_well()
    {
        Write("torch_cpu.dll", [("libiomp5md.dll", "omp_get_num_threads")], "add");
        var problem = Assert.Single(Check([("torch_cpu.dll", "add")]));
        Assert.Equal(
            "torch_cpu.dll needs libiomp5md.dll, which is not on this computer: the native package is incomplete.", problem.Message);
        Assert.False(problem.IsOfRuntime);
    }

    [Fact]
    public void A_missing_function_says_that_two_libraries_do_not_fit()
    {
        var torch = Write("torch_cpu.dll", [], "add");
        Assert.Equal($"LibTorchSharp.dll needs mul and 1 more functions, which {torch} does not have: the two are of different versions.",
            Assert.Single(Check([("torch_cpu.dll", "add, mul, #7")])).Message);
    }

    [Fact]
    public void An_export_that_is_passed_on_to_a_library_without_it_is_missing()
    {
        Write("c10.dll", [], "first");
        Write("torch_cpu.dll", [], "add=c10.add, log=elsewhere.log, set=api-ms-x.set");
        Assert.Contains("needs add, which", Assert.Single(Check([("torch_cpu.dll", "add, log, set")])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_libraries_of_the_system_need_is_not_checked_but_an_old_runtime_is_named()
    {
        _ = _folder.Write("system/msvcp140.dll", PeBytes.Library([("gone.dll", "x")], "_Mtx_lock"));
        var problem = Assert.Single(Check([("MSVCP140.dll", "_Mtx_lock, _Mtx_new")]));
        Assert.Contains("needs _Mtx_new, which", problem.Message, StringComparison.Ordinal);
        Assert.EndsWith(
            "it is too old. Install the Microsoft Visual C++ runtime (14.42 or later).", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_library_for_another_processor_is_named()
    {
        _ = _folder.Write("app/c10.dll", PeBytes.Library([], "alloc", Machine.Arm64));
        Assert.EndsWith("c10.dll is for the processor Arm64, but LibTorchSharp.dll is for Amd64.",
            Assert.Single(Check([("c10.dll", "alloc")])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_library_is_named_once()
    {
        var damaged = _folder.Write("app/c10.dll", PeBytes.Library([], "alloc")[..300]);
        Write("torch_cpu.dll", [("c10.dll", "alloc")], "add");
        var problem = Assert.Single(Check([("c10.dll", "alloc"), ("torch_cpu.dll", "add")]));
        Assert.StartsWith($"{damaged} is not a complete Windows library: ", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_in_a_file_leads_to_no_file_elsewhere()
    {
        _ = _folder.Write("secret.dll", PeBytes.Library([], "x"));
        var problem = Assert.Single(Check([("../secret.dll", "x")]));
        Assert.Contains("needs ../secret.dll, which is not on this computer", problem.Message, StringComparison.Ordinal);
        Assert.Contains("needs a?b.dll, which", Assert.Single(Check([("a\nb.dll", "x")])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cut_or_changed_file_is_an_error_in_words_or_a_library()
    {
        var whole = PeBytes.Library([("b.dll", "malloc, #12"), ("c.dll", "free")], "run, stop=b.halt");
        for (var length = 0; length < whole.Length; length++)
        {
            Read(whole[..length]);
        }
        var random = new Random(1);
        for (var i = 0; i < 3000; i++)
        {
            var changed = whole.ToArray();
            for (var j = random.Next(1, 6); j > 0; j--)
            {
                changed[random.Next(changed.Length)] = (byte)random.Next(256);
            }
            Read(changed);
        }

        void Read(byte[] bytes)
        {
            var path = _folder.Write("x.dll", bytes);
            try
            {
                _ = PeImage.Read(path);
            }
            catch (InvalidDataException e)
            {
                Assert.StartsWith($"{path} is not a complete Windows library: ", e.Message, StringComparison.Ordinal);
            }
        }
    }

    [WindowsPackagesFact]
    public void Torchs_libraries_for_Windows_need_only_each_other_Windows_and_the_C_runtime()
    {
        var folders = WindowsPackagesFactAttribute.Folders;
        var problems = ImportCheck.Of(Path.Combine(folders[0], "LibTorchSharp.dll"), folders, systemFolders: []);
        var needed = problems.Select(
            problem => problem.Message.Split(" needs ")[1].Split(", which is not on")[0].ToUpperInvariant());
        Assert.Equal(
            ["ADVAPI32.DLL", "DBGHELP.DLL", "IMAGEHLP.DLL", "KERNEL32.DLL", "MSVCP140.DLL", "OLE32.DLL", "VCRUNTIME140.DLL",
                "VCRUNTIME140_1.DLL", "WINTRUST.DLL", "WS2_32.DLL"],
            needed.Distinct().Order(StringComparer.Ordinal));
        Assert.All(problems, problem => Assert.Equal(problem.Message.Contains("140", StringComparison.Ordinal), problem.IsOfRuntime));

        // As many as were counted by another reader: ../docs/platforms.md.
        var imports = PeImage.Read(Path.Combine(folders[0], "LibTorchSharp.dll")).Imports
            .ToDictionary(import => import.Library, import => import.Symbols.Count);
        Assert.Equal((143, 1684), (imports["c10.dll"], imports["torch_cpu.dll"]));
    }

    private IReadOnlyList<ImportProblem> Check((string Library, string Symbols)[] imports) => ImportCheck.Of(
        Write("LibTorchSharp.dll", imports, ""), folders: [], systemFolders: [Path.Combine(_folder.Path, "system")]);

    private string Write(string name, (string Library, string Symbols)[] imports, string exports) =>
        _folder.Write(Path.Combine("app", name), PeBytes.Library(imports, exports));
}
