using System.Text;

namespace MsVit.MLNet.Analysis;

/// <summary>A complete page: well-formed XHTML with inline styles, without scripts or external resources.</summary>
internal static class Page
{
    private const string Style = """
        :root{color-scheme:light dark;--bg:#ffffff;--ink:#1b1f24;--soft:#57606a;--line:#d0d7de;--cell:9,105,218;
          --s0:#0969da;--s1:#bc4c00;--s2:#1a7f37;--s3:#8250df;--s4:#bf3989;--s5:#57606a}
        @media screen and (prefers-color-scheme:dark){
          :root{--bg:#0d1117;--ink:#e6edf3;--soft:#9da7b1;--line:#3d444d;--cell:88,166,255;
            --s0:#58a6ff;--s1:#f0883e;--s2:#56d364;--s3:#bc8cff;--s4:#ff9bce;--s5:#9da7b1}
        }
        body{background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,sans-serif;max-width:1000px;margin:2rem auto;padding:0 1rem}
        h1{font-size:1.7rem;margin:0}
        h2{font-size:1.25rem;margin:2rem 0 .5rem;border-bottom:1px solid var(--line)}
        p,caption{color:var(--soft)}
        table{border-collapse:collapse;font-size:.85rem}
        caption{text-align:left;padding:.3rem 0}
        th,td{padding:.2rem .6rem;border-bottom:1px solid var(--line);text-align:left;overflow-wrap:anywhere}
        th{overflow-wrap:normal}
        th.n,td.n,td.c{text-align:right;font-variant-numeric:tabular-nums}
        .wide{overflow-x:auto}
        dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1.2rem}
        dt{color:var(--soft)}
        dd{margin:0;overflow-wrap:anywhere}
        pre{white-space:pre-wrap;border:1px solid var(--line);padding:.6rem;font-size:.8rem}
        svg{max-width:100%;height:auto;display:block;margin:.6rem 0}
        svg text{font-family:system-ui,sans-serif!important}
        .images{display:flex;flex-wrap:wrap;gap:1rem}
        figure{margin:0;width:130px;font-size:.8rem}
        figure img{width:128px;height:auto;image-rendering:pixelated;border:1px solid var(--line)}
        @media print{
          body{max-width:none;margin:0;font-size:11px}
          h2{break-after:avoid}
          svg,figure,tr,pre{break-inside:avoid}
          thead{display:table-header-group}
          .wide{overflow:visible}
          table{font-size:9px}
          th,td{padding:.1rem .3rem}
          *{-webkit-print-color-adjust:exact;print-color-adjust:exact}
        }
        """;

    /// <summary>Writes the page to a temporary file, flushes it and renames it.</summary>
    public static void Write(string path, string title, Html body)
    {
        var head = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>"
            + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>"
            + $"<title>{Html.Encode(title)}</title><style>{Style}</style></head><body><main>\n";
        using var file = new PendingFile(path);
        file.Stream.Write(Encoding.UTF8.GetBytes($"{head}{body}</main></body></html>\n"));
        file.Complete();
    }
}
